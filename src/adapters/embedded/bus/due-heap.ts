// Tells which of many waiting positions comes due first.

interface Entry {
  readonly at: number;
  readonly position: number;
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.position < b.position);

/** A binary heap of positions by due time. */
export class DueHeap {
  readonly #entries: Entry[] = [];

  /** Due time of the first, in milliseconds since the epoch. */
  get firstAt(): number | undefined {
    return this.#entries[0]?.at;
  }

  add(at: number, position: number): void {
    const entry = { at, position };
    const entries = this.#entries;
    let index = entries.push(entry) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = entries[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      entries[index] = parent;
      index = above;
    }
    entries[index] = entry;
  }

  /** Takes the first one out if it is due. */
  takeDue(now: number): number | undefined {
    const entries = this.#entries;
    const first = entries[0];
    if (first === undefined || first.at > now) return undefined;
    const last = entries.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.position;
  }

  #sink(entry: Entry): void {
    const entries = this.#entries;
    let index = 0;
    for (;;) {
      const left = entries[2 * index + 1];
      const right = entries[2 * index + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, entry)) break;
      entries[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    entries[index] = entry;
  }
}
