// Lets authors name a moment by the calendar; light enough for an author's bundle: a rule is plain JSON, evaluated elsewhere.

import { StarquakeError } from '../protocol/starquake-error.ts';

/** The days of the week, in the order of ISO 8601: Monday is number 1. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A day of the week, in lower-case English. */
export type Weekday = (typeof weekdays)[number];

/** A local time on a 24-hour clock: `'09:00'` or `'23:59:30'`. */
export type TimeOfDay = `${number}:${number}` | `${number}:${number}:${number}`;

/** A weekday and a local time in a zone; `time` is `'HH:MM'` or `'HH:MM:SS'`, `zone` an IANA name such as `'Europe/Paris'`. */
export type WeekdayRule = { kind: 'weekday'; weekday: Weekday; time: string; zone: string };

/** A cron expression of five fields, or six with seconds first, read in a zone. */
export type CronRule = { kind: 'cron'; expression: string; zone: string };

/**
 * A recurring moment of the calendar, as plain JSON.
 *
 * When clocks are put forward, a local time that does not exist occurs at the first instant after the gap. When they are put
 * back, a local time that occurs twice occurs once, the first time. A cron expression whose hour is `*` or has a step (`*` `/2`)
 * asks for a steady beat rather than for times of day: it beats through the repeated hour too, and makes up for nothing in a gap.
 */
export type CalendarRule = WeekdayRule | CronRule;

/**
 * Names the next time it is this weekday and local time in a zone.
 *
 * @param weekday the day, in lower-case English.
 * @param time local, on a 24-hour clock: `'HH:MM'` or `'HH:MM:SS'`.
 * @param zone an IANA time zone.
 * @throws StarquakeError `CALENDAR_RULE_INVALID` if one of the three is not what it should be.
 * @example
 * await flow.sleepUntil(next('monday', '09:00', 'Europe/Paris'));
 */
export function next(weekday: Weekday, time: TimeOfDay, zone: string): WeekdayRule {
  const rule = { kind: 'weekday', weekday, time, zone } as const;
  checkCalendarRule(rule);
  return rule;
}

/**
 * Names the next time that matches a cron expression, read in a zone.
 *
 * @param expression `minute hour day-of-month month day-of-week`, or the same with `second` first. Day of month and day of week
 *   are alternatives unless the latter starts with `+`; `L`, `W` and `#` are understood. Here the fields are only counted; what
 *   they say is read when the rule is used.
 * @param zone an IANA time zone.
 * @throws StarquakeError `CALENDAR_RULE_INVALID` if there are not five or six fields, or the zone is unknown.
 * @example
 * await flow.sleepUntil(cron('0 9 * * MON-FRI', 'America/New_York'));
 */
export function cron(expression: string, zone: string): CronRule {
  const rule = { kind: 'cron', expression, zone } as const;
  checkCalendarRule(rule);
  return rule;
}

/**
 * Checks all of a rule that can be checked without a date library.
 *
 * @throws StarquakeError `CALENDAR_RULE_INVALID` naming the part that is wrong.
 * @example
 * checkCalendarRule({ kind: 'cron', expression: '0 9 * * 1', zone: 'Europe/Paris' });
 */
export function checkCalendarRule(rule: CalendarRule): void {
  if (rule.kind === 'cron') checkExpression(rule.expression);
  else checkWeekdayAndTime(rule);
  checkZone(rule.zone);
}

function checkWeekdayAndTime({ weekday, time }: WeekdayRule): void {
  if (!weekdays.includes(weekday)) throw invalidRule(`${JSON.stringify(weekday)} is not a weekday.`, `Use one of ${weekdays.join(', ')}.`);
  if (!/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time)) {
    throw invalidRule(`${JSON.stringify(time)} is not a time of day.`, "Use a 24-hour clock: '09:00' or '23:59:30'.");
  }
}

function checkExpression(expression: string): void {
  const fields = expression.trim().split(/\s+/).length;
  if (fields === 5 || fields === 6) return;
  throw invalidRule(
    `${JSON.stringify(expression)} is not a cron expression of five or six fields.`,
    "Write minute, hour, day of month, month and day of week, such as '0 9 * * MON'; seconds may come first.",
  );
}

function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch (cause) {
    throw invalidRule(`${JSON.stringify(zone)} is not a time zone.`, "Use an IANA name, such as 'Europe/Paris' or 'UTC'.", cause);
  }
}

function invalidRule(message: string, hint: string, cause?: unknown): StarquakeError {
  return new StarquakeError('CALENDAR_RULE_INVALID', message, { hint, cause });
}
