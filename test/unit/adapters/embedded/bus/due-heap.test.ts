// The heap of delayed messages gives out the earliest first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../../../../src/adapters/embedded/bus/due-heap.ts';

describe('a due heap', () => {
  it('gives out what is due, earliest first, and by position at the same time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), fc.integer({ min: 0, max: 20 }), (times, now) => {
        const heap = new DueHeap();
        for (const [position, at] of times.entries()) heap.add(at, position);
        const sorted = times.map((at, position) => ({ at, position })).toSorted((a, b) => a.at - b.at || a.position - b.position);
        const due = sorted.filter(({ at }) => at <= now);
        const taken = due.map(() => heap.takeDue(now));
        expect(taken).toEqual(due.map(({ position }) => position));
        expect(heap.takeDue(now)).toBeUndefined();
        expect(heap.firstAt).toBe(sorted[due.length]?.at);
      }),
    );
  });
});
