// Knows where every position of a partition lies, in a few bytes each.
import type { Placed } from './journal-format.ts';

const CHUNK = 4096;

interface Chunk {
  readonly places: Float64Array;
  readonly lengths: Uint32Array;
}

/** Places of consecutive positions; forgets from the front. */
export class PlaceIndex {
  readonly #chunks = new Map<number, Chunk>();
  #first = 0;

  /** The lowest position that may be known. */
  get first(): number {
    return this.#first;
  }

  set(position: number, placed: Placed): void {
    if (position < this.#first) return;
    const number = Math.floor(position / CHUNK);
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = { places: new Float64Array(CHUNK), lengths: new Uint32Array(CHUNK) };
      this.#chunks.set(number, chunk);
    }
    chunk.places[position % CHUNK] = placed.place;
    chunk.lengths[position % CHUNK] = placed.length;
  }

  get(position: number): Placed | undefined {
    const chunk = position < this.#first ? undefined : this.#chunks.get(Math.floor(position / CHUNK));
    const length = chunk?.lengths[position % CHUNK] ?? 0;
    return length === 0 ? undefined : { place: chunk?.places[position % CHUNK] ?? 0, length };
  }

  /** Forgets all positions below. */
  dropBelow(position: number): void {
    for (let number = Math.floor(this.#first / CHUNK); number < Math.floor(position / CHUNK); number++) this.#chunks.delete(number);
    this.#first = Math.max(this.#first, position);
  }
}
