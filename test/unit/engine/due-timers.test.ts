// Proves that what came due is told from what came early, by the clock that is given.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortDues } from '../../../src/engine/due-timers.ts';

const due = (dueAt: number) => ({ type: 'Due' as const, v: 1, dueAt, topic: 'inbox', key: 'run', id: 'id', message: '{}' });

describe('what is due', () => {
  it('fires at its time, and not a millisecond before', () => {
    expect(sortDues({ v: 1, now: 100, dues: [due(99), due(100), due(101)] })).toEqual({ fire: [0, 1], early: [2] });
  });

  it('is each in one of two heaps, in the order in which it came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), (times) => {
        const { fire, early } = sortDues({ v: 1, now: 100, dues: times.map(due) });
        expect([...fire, ...early].toSorted((a, b) => a - b)).toEqual(times.map((_, index) => index));
        expect([fire, early]).toEqual([fire.toSorted((a, b) => a - b), early.toSorted((a, b) => a - b)]);
      }),
    );
  });
});
