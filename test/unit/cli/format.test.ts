// Small texts for people.
import { describe, expect, it } from 'vitest';
import { formatMoment, formatSpan, formatTable, formatValue } from '../../../src/cli/terminal/format.ts';

describe('a span', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_049, '1.0 s'],
    [59_900, '59.9 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [3_600_000, '1 h'],
    [5_400_000, '1 h 30 min'],
    [187_200_000, '2 d 4 h'],
  ])('of %i ms reads %s', (milliseconds, text) => expect(formatSpan(milliseconds)).toBe(text));
});

describe('a moment', () => {
  it('reads as a date and a time', () => expect(formatMoment(Date.UTC(2026, 0, 2, 3, 4, 5))).toMatch(/^2026-01-0\d \d\d:\d\d:05$/));
});

describe('a value', () => {
  it('is JSON, cut where it gets long', () => {
    expect(formatValue({ a: [1, null] })).toBe('{"a":[1,null]}');
    expect(formatValue(undefined)).toBe('nothing');
    expect(formatValue('x'.repeat(50), 10)).toBe('"xxxxxxxx…');
  });
});

describe('a table', () => {
  it('gives each column the width that it needs', () =>
    expect(
      formatTable(
        ['A', 'LONG'],
        [
          ['wide one', 'x'],
          ['', ''],
        ],
      ),
    ).toBe('A         LONG\nwide one  x\n'));
});
