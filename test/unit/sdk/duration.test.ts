// Proves that a duration means what it says, in types and at run time.

import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { toMilliseconds } from '../../../src/sdk/duration.ts';
import type { Duration } from '../../../src/sdk/duration.ts';

describe('a duration', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1500, 1_500],
    ['500ms', 500],
    ['1 millisecond', 1],
    ['30s', 30_000],
    ['45 seconds', 45_000],
    ['1m', 60_000],
    ['5 minutes', 300_000],
    ['2h', 7_200_000],
    ['1.5 hours', 5_400_000],
    ['3 days', 259_200_000],
    ['1d', 86_400_000],
    ['1 week', 604_800_000],
    ['2w', 1_209_600_000],
  ])('of %o is %i milliseconds', (duration, milliseconds) => {
    expect(toMilliseconds(duration)).toBe(milliseconds);
  });

  it('means the same with and without a space', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', 'seconds', 'days'), (amount, unit) => {
        expect(toMilliseconds(`${amount}${unit}`)).toBe(toMilliseconds(`${amount} ${unit}`));
      }),
    );
  });

  it('is always a whole number of milliseconds', () => {
    expect(toMilliseconds(1000 * 1.5 ** 3)).toBe(3_375);
    expect(toMilliseconds('1.1s')).toBe(1_100);
    expect(toMilliseconds(0.4)).toBe(0);
  });

  it.each([
    '',
    's',
    '5',
    '5 parsecs',
    '-1s',
    '1e3s',
    '0x10s',
    '1  s',
    ' 1s',
    '1s ',
    '1S',
    '1 toString',
    '.5s',
    -1,
    NaN,
    Infinity,
    1e300,
    null,
    undefined,
    {},
  ])('is refused when it is %o', (duration) => {
    // @ts-expect-error: what plain JavaScript may pass
    expect(() => toMilliseconds(duration)).toThrow(expect.objectContaining({ code: 'DURATION_INVALID' }));
  });

  it('does not compile with a misspelt unit', () => {
    expectTypeOf<'30s' | '3 days' | '500ms' | '1.5 hours' | 250>().toExtend<Duration>();
    expectTypeOf<'30 secs'>().not.toExtend<Duration>();
    expectTypeOf<'3 dayz'>().not.toExtend<Duration>();
    expectTypeOf<'days'>().not.toExtend<Duration>();
    expectTypeOf<string>().not.toExtend<Duration>();
  });
});
