// The time of a simulation: events in order of their time, then of their making; nothing happens but through it.

interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
  canceled: boolean;
}

const isBefore = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Lets everything that is ready go on: promises all the way, but nothing that waits for time. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Virtual time. */
export class Scheduler {
  readonly #heap: Scheduled[] = [];
  #order = 0;
  now: number;
  /** Events that have happened. */
  happened = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Calls `fn` after a while, at least 0 ms; returns how to cancel. */
  after(ms: number, fn: () => void): () => void {
    return this.at(this.now + Math.max(0, ms), fn);
  }

  at(at: number, fn: () => void): () => void {
    const scheduled: Scheduled = { at: Math.max(at, this.now), order: this.#order++, fn, canceled: false };
    this.#push(scheduled);
    return () => {
      scheduled.canceled = true;
    };
  }

  /** Lets the next event happen, unless it is later than `until`. @returns whether one has */
  async step(until: number): Promise<boolean> {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.canceled) {
        this.#pop();
        continue;
      }
      if (next.at > until) return false;
      this.#pop();
      this.now = next.at;
      this.happened += 1;
      next.fn();
      await settle();
      return true;
    }
    return false;
  }

  #push(scheduled: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(scheduled) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(scheduled, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = scheduled;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const least = right !== undefined && left !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const child = heap[least];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = least;
    }
    heap[at] = last;
  }
}
