// Keeps timers in order of (due time, id), quick to add to and to take from at any size: sorted chunks of bounded length.
import type { Due } from '../../../protocol/messages.ts';
import type { Placed } from '../journal/journal-format.ts';

/** A timer and where it lies. */
export interface KeptDue {
  readonly due: Due;
  placed: Placed;
}

/** Names an entry. */
export type DueName = Pick<Due, 'dueAt' | 'id'>;

const CHUNK_LIMIT = 512;

const compare = (a: DueName, b: DueName): number => a.dueAt - b.dueAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Timers in order. */
export class OrderedDues {
  /** Never empty but for the only one. */
  #chunks: KeptDue[][] = [[]];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an entry, in place of one of the same name; answers that one. */
  put(entry: KeptDue): KeptDue | undefined {
    const { chunk, chunkIndex, index } = this.#locate(entry.due);
    const standing = chunk[index];
    if (standing !== undefined && compare(standing.due, entry.due) === 0) {
      chunk[index] = entry;
      return standing;
    }
    chunk.splice(index, 0, entry);
    this.#size++;
    if (chunk.length > CHUNK_LIMIT) this.#chunks.splice(chunkIndex + 1, 0, chunk.splice(CHUNK_LIMIT / 2));
    return undefined;
  }

  find(name: DueName): KeptDue | undefined {
    const { chunk, index } = this.#locate(name);
    const standing = chunk[index];
    return standing !== undefined && compare(standing.due, name) === 0 ? standing : undefined;
  }

  /** Removes exactly this entry; answers it. */
  remove(name: DueName): KeptDue | undefined {
    const { chunk, chunkIndex, index } = this.#locate(name);
    const standing = chunk[index];
    if (standing === undefined || compare(standing.due, name) !== 0) return undefined;
    chunk.splice(index, 1);
    this.#size--;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(chunkIndex, 1);
    return standing;
  }

  /** The first entries that are due at or before `upTo`. */
  list(upTo: number, limit: number): readonly Due[] {
    const found: Due[] = [];
    for (const chunk of this.#chunks) {
      for (const { due } of chunk) {
        if (due.dueAt > upTo || found.length >= limit) return found;
        found.push(due);
      }
    }
    return found;
  }

  /** Where an entry of this name is, or belongs. */
  #locate(name: DueName): { chunk: KeptDue[]; chunkIndex: number; index: number } {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = this.#chunks[middle]?.at(-1);
      if (last !== undefined && compare(last.due, name) < 0) low = middle + 1;
      else high = middle;
    }
    const chunk = this.#chunks[low] ?? [];
    let from = 0;
    let to = chunk.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const entry = chunk[middle];
      if (entry !== undefined && compare(entry.due, name) < 0) from = middle + 1;
      else to = middle;
    }
    return { chunk, chunkIndex: low, index: from };
  }
}
