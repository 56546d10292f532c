// Timers keep their order whatever is put and removed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedDues } from '../../../../../src/adapters/embedded/timers/ordered-dues.ts';
import type { Due } from '../../../../../src/protocol/messages.ts';

const makeDue = (dueAt: number, id: string): Due => ({ type: 'Due', v: 1, dueAt, id, topic: 't', key: 'k', message: 'm' });
const placed = { place: 0, length: 0 };
const name = fc.record({ dueAt: fc.integer({ min: 0, max: 50 }), id: fc.integer({ min: 0, max: 50 }).map(String) });
const change = fc.record({ put: fc.boolean(), name });

describe('ordered dues', () => {
  it('are what a sorted list would be', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 3000, size: 'max' }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 2000 }),
        (changes, upTo, limit) => {
          const dues = new OrderedDues();
          const model = new Map<string, Due>();
          for (const {
            put,
            name: { dueAt, id },
          } of changes) {
            const key = `${dueAt}/${id}`;
            const due = makeDue(dueAt, id);
            const standing = put ? dues.put({ due, placed }) : dues.remove(due);
            expect(standing?.due).toEqual(model.get(key));
            if (put) model.set(key, due);
            else model.delete(key);
          }
          const sorted = [...model.values()].toSorted((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
          expect(dues.size).toBe(model.size);
          expect(dues.list(upTo, limit)).toEqual(sorted.filter(({ dueAt }) => dueAt <= upTo).slice(0, limit));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('find exactly the entry that is named', () => {
    const dues = new OrderedDues();
    dues.put({ due: makeDue(5, 'b'), placed });
    expect(dues.find({ dueAt: 5, id: 'b' })?.due.id).toBe('b');
    expect(dues.find({ dueAt: 5, id: 'a' })).toBeUndefined();
    expect(dues.find({ dueAt: 6, id: 'b' })).toBeUndefined();
  });
});
