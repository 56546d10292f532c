// The index of places knows what it was told, up to where it was told to forget.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaceIndex } from '../../../../../src/adapters/embedded/bus/place-index.ts';

describe('a place index', () => {
  it('is what a map would be', () => {
    const change = fc.record({ set: fc.boolean(), position: fc.integer({ min: 0, max: 3000 }), place: fc.nat() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 500 }), (changes) => {
        const index = new PlaceIndex();
        const model = new Map<number, number>();
        for (const { set, position, place } of changes) {
          if (set) index.set(position, place * 2 ** 21, position + 1);
          if (set) model.set(position, place * 2 ** 21);
          if (!set) index.remove(position);
          if (!set) model.delete(position);
        }
        expect(index.size).toBe(model.size);
        expect([...index.positions()]).toEqual([...model.keys()].toSorted((a, b) => a - b));
        for (const [position, place] of model) expect([index.placeOf(position), index.lengthOf(position)]).toEqual([place, position + 1]);
      }),
    );
  });

  it('forgets below a bound, and takes nothing in there any more', () => {
    const index = new PlaceIndex();
    for (let position = 0; position < 10_000; position++) index.set(position, position, 1);
    index.dropBelow(9000);
    index.set(8999, 1, 1);
    expect(index.lengthOf(8999)).toBe(0);
    expect(index.lengthOf(9000)).toBe(1);
    index.dropBelow(10);
    expect(index.lengthOf(8999)).toBe(0);
    expect(index.size).toBe(1000);
  });
});
