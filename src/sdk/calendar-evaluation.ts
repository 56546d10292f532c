// Finds the next occurrence of a calendar rule; apart from the rules, so that the date libraries stay out of an author's bundle.

import { Cron } from 'croner';
import { DateTime, IANAZone } from 'luxon';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { checkCalendarRule, weekdays } from './calendar.ts';
import type { CalendarRule, CronRule, WeekdayRule } from './calendar.ts';

/** What a wall clock reads, as the epoch milliseconds at which a clock in UTC reads the same: arithmetic on it meets no clock change. */
type Reading = number;

/** The next reading strictly after another at which a rule matches. */
type FindNextReading = (after: Reading) => Reading;

const dayMs = 86_400_000;

/**
 * Finds when a calendar rule occurs next, by its arguments and the time-zone data alone; what happens where clocks change is
 * told at {@link CalendarRule}.
 *
 * @param rule made by `next` or `cron`, or read from JSON.
 * @param afterMs epoch milliseconds; the occurrence is strictly later.
 * @returns epoch milliseconds.
 * @throws StarquakeError `CALENDAR_RULE_INVALID` if the rule cannot be understood, or never occurs (`0 0 30 2 *`).
 * @example
 * findNextOccurrence(next('monday', '09:00', 'Europe/Paris'), Date.UTC(2026, 10, 20)); // 2026-11-23T08:00:00Z
 */
export function findNextOccurrence(rule: CalendarRule, afterMs: number): number {
  checkCalendarRule(rule);
  if (rule.kind === 'weekday') return findNextInstant(matchWeekday(rule), rule.zone, afterMs);
  if (isBeat(rule)) return findNextMatch(rule, { timezone: rule.zone }, afterMs);
  return findNextInstant((after) => findNextMatch(rule, { utcOffset: 0 }, after), rule.zone, afterMs);
}

/** Whether an expression leaves its hours open: it then asks for an interval of real time, which no clock change interrupts. */
function isBeat({ expression }: CronRule): boolean {
  const hours = expression.trim().split(/\s+/).at(-4) ?? '';
  return /[*?/]/.test(hours);
}

function matchWeekday({ weekday, time }: WeekdayRule): FindNextReading {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return (after) => {
    const now = DateTime.fromMillis(after, { zone: 'utc' });
    const days = (weekdays.indexOf(weekday) + 1 - now.weekday + 7) % 7;
    const match = now.plus({ days }).set({ hour, minute, second, millisecond: 0 });
    return (match > now ? match : match.plus({ weeks: 1 })).toMillis();
  };
}

function findNextMatch({ expression, zone }: CronRule, clock: { timezone: string } | { utcOffset: number }, after: number): number {
  const match = parseExpression(expression, clock).nextRun(new Date(after));
  if (match) return match.getTime();
  throw new StarquakeError('CALENDAR_RULE_INVALID', `The cron expression "${expression}" (${zone}) matches no day of the calendar.`);
}

function parseExpression(expression: string, clock: { timezone: string } | { utcOffset: number }): Cron {
  try {
    return new Cron(expression, { mode: '5-or-6-parts', ...clock });
  } catch (cause) {
    throw new StarquakeError('CALENDAR_RULE_INVALID', `The cron expression "${expression}" cannot be read: ${String(cause)}`, { cause });
  }
}

/** Readings that the first instants are later for come in the same order as those instants: the first that is late enough is it. */
function findNextInstant(findNextReading: FindNextReading, zoneName: string, afterMs: number): number {
  const zone = IANAZone.create(zoneName);
  let reading = afterMs + offsetMs(zone, afterMs);
  for (;;) {
    reading = findNextReading(reading);
    const instant = findFirstInstant(zone, reading);
    // In the second pass of a repeated hour, the readings ahead have had their instants in the first.
    if (instant > afterMs) return instant;
  }
}

/** Finds the first instant at which the wall clock of a zone shows a reading or, where it jumps over it, a later one. */
function findFirstInstant(zone: IANAZone, reading: Reading): number {
  const before = offsetMs(zone, reading - dayMs);
  const after = offsetMs(zone, reading + dayMs);
  for (const offset of [before, after]) {
    if (offsetMs(zone, reading - offset) === offset) return reading - offset;
  }
  return findChange(zone, reading - dayMs, reading + dayMs);
}

/** Halves a span of time with one clock change in it until only the first instant after the change is left. */
function findChange(zone: IANAZone, fromMs: number, toMs: number): number {
  const offset = offsetMs(zone, fromMs);
  let before = fromMs;
  let after = toMs;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMs(zone, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

function offsetMs(zone: IANAZone, instantMs: number): number {
  return zone.offset(instantMs) * 60_000;
}
