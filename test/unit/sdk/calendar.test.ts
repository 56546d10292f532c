// Proves that a calendar rule is plain JSON, refused at once when it cannot be right, and light enough for an author's bundle.

import { build } from 'esbuild';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { cron, next } from '../../../src/sdk/calendar.ts';
import type { TimeOfDay, Weekday } from '../../../src/sdk/calendar.ts';

const invalid = expect.objectContaining({ code: 'CALENDAR_RULE_INVALID' });

describe('a calendar rule', () => {
  it('is plain JSON', () => {
    expect(next('monday', '09:00', 'Europe/Paris')).toStrictEqual({
      kind: 'weekday',
      weekday: 'monday',
      time: '09:00',
      zone: 'Europe/Paris',
    });
    expect(cron('0 9 * * MON', 'UTC')).toStrictEqual({ kind: 'cron', expression: '0 9 * * MON', zone: 'UTC' });
  });

  it.each(['0:00', '24:00', '9:00', '09:60', '09:00:60', '09:00:00.5', '-1:00'] as const)('refuses %o as a time of day', (time) => {
    expect(() => next('monday', time, 'UTC')).toThrow(invalid);
  });

  it.each(['', 'Mars/Olympus', 'europe paris'])('refuses %o as a zone', (zone) => {
    expect(() => next('monday', '09:00', zone)).toThrow(invalid);
    expect(() => cron('0 9 * * *', zone)).toThrow(invalid);
  });

  it.each(['', '* * * *', '* * * * * * *', '@daily', '2027-01-01T00:00:00'])('refuses %o as a cron expression', (expression) => {
    expect(() => cron(expression, 'UTC')).toThrow(invalid);
  });

  it('refuses a weekday that is none, with a hint that lists them all', () => {
    // @ts-expect-error: what plain JavaScript may pass
    expect(() => next('someday', '09:00', 'UTC')).toThrow(expect.objectContaining({ hint: expect.stringContaining('wednesday') }));
  });

  it('does not compile with a misspelt weekday or a time in words', () => {
    expectTypeOf<'09:00' | '23:59:30'>().toExtend<TimeOfDay>();
    expectTypeOf<'9am'>().not.toExtend<TimeOfDay>();
    expectTypeOf<'munday'>().not.toExtend<Weekday>();
  });

  it('brings no date library into the bundle of its author', async () => {
    const { metafile } = await build({ entryPoints: ['src/sdk/calendar.ts'], bundle: true, write: false, metafile: true });
    expect(Object.keys(metafile.inputs)).toStrictEqual(['src/protocol/starquake-error.ts', 'src/sdk/calendar.ts']);
  });
});
