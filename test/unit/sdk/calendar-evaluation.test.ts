// Proves that a calendar rule occurs when its author expects it, also where clocks are changed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNextOccurrence } from '../../../src/sdk/calendar-evaluation.ts';
import { cron, next, weekdays } from '../../../src/sdk/calendar.ts';
import type { CalendarRule } from '../../../src/sdk/calendar.ts';

const quarterMs = 15 * 60_000;
const dayMs = 24 * 3_600_000;

/** Instants shortly before which, in some zone, clocks were changed: by an hour, by half an hour, by a whole day. */
const changes: [zone: string, around: string][] = [
  ['Europe/Paris', '2026-03-29T01:00Z'],
  ['Europe/Paris', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['America/Santiago', '2026-09-06T04:00Z'],
  ['Asia/Kolkata', '2026-03-29T01:00Z'],
];

const zones = Intl.supportedValuesOf('timeZone');

/** A place and an instant: anywhere and any time, or close to a change of clocks. */
const moments = fc.oneof(
  fc.record({ zone: fc.constantFrom(...zones), afterMs: fc.integer({ min: Date.UTC(1990), max: Date.UTC(2037) }) }),
  fc
    .record({ change: fc.constantFrom(...changes), offsetMs: fc.integer({ min: -3 * dayMs, max: dayMs / 8 }) })
    .map(({ change: [zone, around], offsetMs }) => ({
      zone,
      afterMs: Date.parse(around) + offsetMs,
    })),
);

const weekdayNumbers = fc.integer({ min: 0, max: 6 });
const hours = fc.oneof(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 3 }));
const quarters = fc.integer({ min: 0, max: 3 });

/** Writes a weekday, numbered from Sunday as cron and `Date` do, and a time as the rule that `next` makes of them. */
function nameRule(weekday: number, hour: number, minute: number, zone: string): CalendarRule {
  const time = `${twoDigits(hour)}:${twoDigits(minute)}`;
  return { kind: 'weekday', weekday: weekdays[(weekday + 6) % 7] ?? 'monday', time, zone };
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Reads the wall clock of a zone by `Intl` alone, as the instant at which UTC reads the same. */
function createWallClock(zone: string): (instantMs: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (instantMs) => Date.parse(`${format.format(instantMs).replace(' ', 'T')}Z`);
}

/**
 * Finds the next occurrence the slow way: walks by quarters of an hour and stops as soon as the wall clock, in showing a time
 * later than it ever did, has come to a matching one or passed it.
 */
function walkToOccurrence(zone: string, afterMs: number, matches: (reading: Date) => boolean): number {
  const readClock = createWallClock(zone);
  let instant = Math.floor((afterMs - dayMs) / quarterMs) * quarterMs;
  let latest = readClock(instant);
  for (;;) {
    instant += quarterMs;
    for (const reading = readClock(instant); latest < reading;) {
      latest += quarterMs;
      if (instant > afterMs && matches(new Date(latest))) return instant;
    }
  }
}

/** Lists the next occurrences of a rule as a person in its zone sees them, with the instant in UTC. */
function listOccurrences(rule: CalendarRule, after: string, count: number): string[] {
  const seen: string[] = [];
  const show = new Intl.DateTimeFormat('sv-SE', { timeZone: rule.zone, dateStyle: 'short', timeStyle: 'short' });
  for (let instant = Date.parse(after); seen.length < count;) {
    instant = findNextOccurrence(rule, instant);
    seen.push(`${show.format(instant)} = ${new Date(instant).toISOString().slice(11, 16)}Z`);
  }
  return seen;
}

describe('any rule that names times of day', () => {
  it('occurs at the first instant after now that its weekday and time come to, none left out', () => {
    fc.assert(
      fc.property(moments, weekdayNumbers, hours, quarters, ({ zone, afterMs }, weekday, hour, quarter) => {
        const rule = next(
          weekdays[(weekday + 6) % 7] ?? 'monday',
          `${twoDigits(hour)}:${twoDigits(quarter * 15)}` as `${number}:${number}`,
          zone,
        );
        const matches = (reading: Date): boolean =>
          reading.getUTCDay() === weekday && reading.getUTCHours() === hour && reading.getUTCMinutes() === quarter * 15;
        expect(findNextOccurrence(rule, afterMs)).toBe(walkToOccurrence(zone, afterMs, matches));
      }),
      { numRuns: 150 },
    );
  });

  it('occurs at the same instants whether written as weekday and time or as cron', () => {
    fc.assert(
      fc.property(moments, weekdayNumbers, hours, quarters, ({ zone, afterMs }, weekday, hour, quarter) => {
        const named = next(
          weekdays[(weekday + 6) % 7] ?? 'monday',
          `${twoDigits(hour)}:${twoDigits(quarter * 15)}` as `${number}:${number}`,
          zone,
        );
        expect(findNextOccurrence(cron(`${quarter * 15} ${hour} * * ${weekday}`, zone), afterMs)).toBe(findNextOccurrence(named, afterMs));
      }),
    );
  });

  it('leaves out no time of a cron expression with several, and repeats none', () => {
    fc.assert(
      fc.property(moments, fc.uniqueArray(hours, { minLength: 1, maxLength: 4 }), ({ zone, afterMs }, asked) => {
        const matches = (reading: Date): boolean => asked.includes(reading.getUTCHours()) && reading.getUTCMinutes() % 30 === 0;
        expect(findNextOccurrence(cron(`*/30 ${asked.join(',')} * * *`, zone), afterMs)).toBe(walkToOccurrence(zone, afterMs, matches));
      }),
      { numRuns: 150 },
    );
  });

  it('shows the asked time on the wall clock, unless that time is in a gap', () => {
    fc.assert(
      fc.property(moments, weekdayNumbers, hours, ({ zone, afterMs }, weekday, hour) => {
        const occurrence = findNextOccurrence(nameRule(weekday, hour, 0, zone), afterMs);
        const readClock = createWallClock(zone);
        const jumped = readClock(occurrence) - readClock(occurrence - 1_000) > 1_000;
        expect(jumped || new Date(readClock(occurrence)).getUTCHours() === hour).toBe(true);
      }),
    );
  });
});

describe('a rule that leaves its hours open', () => {
  it('beats at every instant whose wall clock matches, through the repeated hour too', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom('*', '*/2', '0-23/3'), quarters, ({ zone, afterMs }, hourField, quarter) => {
        const step = Number(/\d+$/.exec(hourField)?.[0] ?? 1);
        const readClock = createWallClock(zone);
        let expected = Math.floor(afterMs / quarterMs) * quarterMs;
        let reading: Date;
        do {
          expected += quarterMs;
          reading = new Date(readClock(expected));
        } while (reading.getUTCMinutes() !== quarter * 15 || reading.getUTCHours() % step !== 0);
        expect(findNextOccurrence(cron(`${quarter * 15} ${hourField} * * *`, zone), afterMs)).toBe(expected);
      }),
    );
  });

  it('is never silent for longer than its interval when clocks are put back', () => {
    expect(listOccurrences(cron('*/30 * * * *', 'Europe/Paris'), '2026-10-24T23:45Z', 5)).toStrictEqual([
      '2026-10-25 02:00 = 00:00Z',
      '2026-10-25 02:30 = 00:30Z',
      '2026-10-25 02:00 = 01:00Z',
      '2026-10-25 02:30 = 01:30Z',
      '2026-10-25 03:00 = 02:00Z',
    ]);
  });
});

describe('where clocks are changed', () => {
  it('a time in the gap occurs at the first instant after it, once', () => {
    const expected = ['2026-03-28 02:30 = 01:30Z', '2026-03-29 03:00 = 01:00Z', '2026-03-30 02:30 = 00:30Z'];
    expect(listOccurrences(cron('30 2 * * *', 'Europe/Paris'), '2026-03-28T00:00Z', 3)).toStrictEqual(expected);
    expect(listOccurrences(cron('0,30 2 8 * *', 'America/New_York'), '2026-03-01T00:00Z', 2)).toStrictEqual([
      '2026-03-08 03:00 = 07:00Z',
      '2026-04-08 02:00 = 06:00Z',
    ]);
  });

  it('a time that comes twice occurs the first time only', () => {
    expect(listOccurrences(next('sunday', '01:30', 'America/New_York'), '2026-11-01T00:00Z', 2)).toStrictEqual([
      '2026-11-01 01:30 = 05:30Z',
      '2026-11-08 01:30 = 06:30Z',
    ]);
    expect(listOccurrences(next('sunday', '01:30', 'America/New_York'), '2026-11-01T06:00Z', 1)).toStrictEqual([
      '2026-11-08 01:30 = 06:30Z',
    ]);
  });

  it('half an hour of daylight saving is half an hour', () => {
    const zone = 'Australia/Lord_Howe';
    expect(listOccurrences(next('sunday', '02:15', zone), '2026-10-03T00:00Z', 2)).toStrictEqual([
      '2026-10-04 02:30 = 15:30Z',
      '2026-10-11 02:15 = 15:15Z',
    ]);
    expect(listOccurrences(next('sunday', '01:45', zone), '2026-04-04T00:00Z', 2)).toStrictEqual([
      '2026-04-05 01:45 = 14:45Z',
      '2026-04-12 01:45 = 15:15Z',
    ]);
  });

  it('a day that the calendar skipped occurs at the first instant after it, and so do all its times, once', () => {
    const zone = 'Pacific/Apia';
    expect(listOccurrences(next('friday', '09:00', zone), '2011-12-26T00:00Z', 2)).toStrictEqual([
      '2011-12-31 00:00 = 10:00Z',
      '2012-01-06 09:00 = 19:00Z',
    ]);
    expect(listOccurrences(cron('0 9,17 * * *', zone), '2011-12-30T00:00Z', 3)).toStrictEqual([
      '2011-12-29 17:00 = 03:00Z',
      '2011-12-31 00:00 = 10:00Z',
      '2011-12-31 09:00 = 19:00Z',
    ]);
  });

  it('a zone that never changes its clocks has plain weeks', () => {
    expect(listOccurrences(next('monday', '09:00', 'Asia/Kolkata'), '2026-03-22T00:00Z', 2)).toStrictEqual([
      '2026-03-23 09:00 = 03:30Z',
      '2026-03-30 09:00 = 03:30Z',
    ]);
  });
});

describe('an occurrence', () => {
  it('is strictly later than what it is asked to be after, to the millisecond', () => {
    const rule = next('monday', '09:00:30', 'UTC');
    const monday = Date.parse('2026-11-23T09:00:30Z');
    expect(findNextOccurrence(rule, monday - 1)).toBe(monday);
    expect(findNextOccurrence(rule, monday)).toBe(monday + 7 * dayMs);
    expect(findNextOccurrence(cron('30 0 9 * * 1', 'UTC'), monday - 1)).toBe(monday);
    expect(findNextOccurrence(cron('30 0 9 * * 1', 'UTC'), monday)).toBe(monday + 7 * dayMs);
  });

  it('depends on nothing but the rule and the instant, however often it is asked', () => {
    fc.assert(
      fc.property(moments, ({ zone, afterMs }) => {
        for (const rule of [next('monday', '09:00', zone), cron('*/10 * * * *', zone)]) {
          expect(findNextOccurrence(rule, afterMs)).toBe(findNextOccurrence(rule, afterMs));
        }
      }),
    );
  });

  it.each(['60 * * * *', 'a b c d e', '* * 32 * *', '0 0 30 2 *'])('of %o is refused', (expression) => {
    expect(() => findNextOccurrence(cron(expression, 'UTC'), 0)).toThrow(expect.objectContaining({ code: 'CALENDAR_RULE_INVALID' }));
  });

  it('of a rule from JSON is refused if its zone is unknown', () => {
    const rule: CalendarRule = { kind: 'weekday', weekday: 'monday', time: '09:00', zone: 'Mars/Olympus' };
    expect(() => findNextOccurrence(rule, 0)).toThrow(expect.objectContaining({ code: 'CALENDAR_RULE_INVALID' }));
  });
});
