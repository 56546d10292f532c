// The index of places knows what it was told, up to where it was told to forget.
import { describe, expect, it } from 'vitest';
import { PlaceIndex } from '../../../../src/adapters/embedded/place-index.ts';

describe('a place index', () => {
  it('knows every place over many chunks', () => {
    const index = new PlaceIndex();
    for (let position = 0; position < 20_000; position++) index.set(position, { place: position * 2 ** 21, length: position + 1 });
    for (const position of [0, 4095, 4096, 19_999])
      expect(index.get(position)).toEqual({ place: position * 2 ** 21, length: position + 1 });
    expect(index.get(20_000)).toBeUndefined();
  });

  it('forgets below a bound, and takes nothing in there any more', () => {
    const index = new PlaceIndex();
    for (let position = 0; position < 10_000; position++) index.set(position, { place: position, length: 1 });
    index.dropBelow(9000);
    index.set(8999, { place: 1, length: 1 });
    expect(index.get(8999)).toBeUndefined();
    expect(index.get(9000)).toEqual({ place: 9000, length: 1 });
    index.dropBelow(10);
    expect(index.get(8999)).toBeUndefined();
  });
});
