// Lets authors write a length of time the way they say it, and turns it into milliseconds.

import { StarquakeError } from '../protocol/starquake-error.ts';

const millisecondsPerUnit = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
} as const;

type DurationUnit = keyof typeof millisecondsPerUnit;

/**
 * A length of time: a number of milliseconds, or a number with its unit, with or without a space between.
 * A misspelt unit does not compile. A day is 24 hours and a week 7 days, whatever the calendar says.
 *
 * @example
 * const delays: Duration[] = [250, '500ms', '30s', '1.5 minutes', '2h', '3 days', '1 week'];
 */
export type Duration = number | `${number}${DurationUnit}` | `${number} ${DurationUnit}`;

/** The span that a `Date` can address (100 million days): anything longer is a mistake in the making. */
const longestMs = 8_640_000_000_000_000;

/**
 * Turns a duration into whole milliseconds, rounded to the nearest.
 *
 * @param duration milliseconds, or a text such as `'30s'`.
 * @returns milliseconds, 0 or more.
 * @throws StarquakeError `DURATION_INVALID` if it is negative, not a number, too long, or has no known unit.
 * @example
 * toMilliseconds('1.5 hours'); // 5_400_000
 */
export function toMilliseconds(duration: Duration): number {
  const milliseconds = typeof duration === 'string' ? parseDuration(duration) : duration;
  if (Number.isFinite(milliseconds) && milliseconds >= 0 && milliseconds <= longestMs) return Math.round(milliseconds);
  throw invalidDuration(duration);
}

const DURATION = /^(\d+(?:\.\d+)?) ?([a-z]+)$/;

/** Whether a text is a duration: for what comes from outside, which no compiler has seen. */
export function isDurationText(text: string): text is Extract<Duration, string> {
  return isDurationUnit(DURATION.exec(text)?.[2]);
}

function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined || !isDurationUnit(unit)) throw invalidDuration(text);
  return Number(amount) * millisecondsPerUnit[unit];
}

function isDurationUnit(unit: string | undefined): unit is DurationUnit {
  return unit !== undefined && Object.hasOwn(millisecondsPerUnit, unit);
}

function invalidDuration(duration: unknown): StarquakeError {
  return new StarquakeError('DURATION_INVALID', `${JSON.stringify(duration) ?? String(duration)} is not a duration.`, {
    hint: `Use milliseconds from 0 to ${longestMs}, or a number and a unit (${Object.keys(millisecondsPerUnit).join(', ')}), such as '30s' or '3 days'.`,
  });
}
