// Knows where every message of a partition lies, in a few bytes each.

const CHUNK = 512;

interface Chunk {
  readonly places: Float64Array;
  /** 0 where nothing is known. */
  readonly lengths: Uint32Array;
  known: number;
}

/** Places and lengths of records by position. */
export class PlaceIndex {
  readonly #chunks = new Map<number, Chunk>();
  #least = 0;
  #size = 0;

  /** How many positions are known. */
  get size(): number {
    return this.#size;
  }

  set(position: number, place: number, length: number): void {
    if (position < this.#least) return;
    const chunk = this.#chunks.get(Math.floor(position / CHUNK)) ?? this.#begin(Math.floor(position / CHUNK));
    if (chunk.lengths[position % CHUNK] === 0) {
      chunk.known++;
      this.#size++;
    }
    chunk.places[position % CHUNK] = place;
    chunk.lengths[position % CHUNK] = length;
  }

  /** Meaningless where the length is 0. */
  placeOf(position: number): number {
    return this.#chunks.get(Math.floor(position / CHUNK))?.places[position % CHUNK] ?? 0;
  }

  /** 0 where nothing is known. */
  lengthOf(position: number): number {
    return this.#chunks.get(Math.floor(position / CHUNK))?.lengths[position % CHUNK] ?? 0;
  }

  /** Forgets a position; answers its length, 0 if it was not known. */
  remove(position: number): number {
    const number = Math.floor(position / CHUNK);
    const chunk = this.#chunks.get(number);
    const length = chunk?.lengths[position % CHUNK] ?? 0;
    if (chunk === undefined || length === 0) return 0;
    chunk.lengths[position % CHUNK] = 0;
    this.#size--;
    if (--chunk.known === 0) this.#chunks.delete(number);
    return length;
  }

  /** Forgets all positions below, for good. */
  dropBelow(position: number): void {
    while (this.#least < position) {
      const number = Math.floor(this.#least / CHUNK);
      const end = Math.min(position, (number + 1) * CHUNK);
      if (this.#chunks.has(number)) for (let gone = this.#least; gone < end; gone++) this.remove(gone);
      this.#least = end;
    }
  }

  /** All known positions, in order. */
  *positions(): IterableIterator<number> {
    for (const number of [...this.#chunks.keys()].toSorted((a, b) => a - b)) {
      for (let index = 0; index < CHUNK; index++) {
        const position = number * CHUNK + index;
        if (this.lengthOf(position) > 0) yield position;
      }
    }
  }

  #begin(number: number): Chunk {
    const chunk = { places: new Float64Array(CHUNK), lengths: new Uint32Array(CHUNK), known: 0 };
    this.#chunks.set(number, chunk);
    return chunk;
  }
}
