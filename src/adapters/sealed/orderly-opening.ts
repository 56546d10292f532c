// Opens what comes in the order in which it came, at once as long as the keys are at hand.

/** How one is opened. */
export interface Opener<T> {
  /** Undefined when a key must be asked for. */
  readonly openNow: (sealed: T) => T | undefined;
  readonly openLater: (sealed: T) => Promise<T>;
  readonly onFailure: (error: unknown) => void;
  readonly pause: (ms: number) => Promise<void>;
}

const PAUSE_MS = 500;

/** A line of batches, opened one after another. */
export class OrderlyOpening<T> {
  readonly #opener: Opener<T>;
  readonly #line: { readonly batch: readonly T[]; readonly give: (opened: readonly T[]) => void }[] = [];
  #closed = false;

  constructor(opener: Opener<T>) {
    this.#opener = opener;
  }

  /** Gives the batch opened: at once if nothing waits and all keys are at hand, else in its turn; not any more once closed. */
  take(batch: readonly T[], give: (opened: readonly T[]) => void): void {
    if (this.#line.length === 0) {
      const opened = this.#openAll(batch);
      if (opened !== undefined) return give(opened);
    }
    this.#line.push({ batch, give });
    if (this.#line.length === 1) void this.#work();
  }

  /** Gives nothing any more. */
  close(): void {
    this.#closed = true;
  }

  #openAll(batch: readonly T[]): readonly T[] | undefined {
    const opened: T[] = [];
    for (const sealed of batch) {
      const one = this.#opener.openNow(sealed);
      if (one === undefined) return undefined;
      opened.push(one);
    }
    return opened;
  }

  async #work(): Promise<void> {
    for (let next = this.#line[0]; next !== undefined && !this.#closed; next = this.#line[0]) {
      const opened = await this.#openWhenPossible(next.batch);
      if (this.#closed || opened === undefined) return;
      this.#line.shift();
      next.give(opened);
    }
  }

  async #openWhenPossible(batch: readonly T[]): Promise<readonly T[] | undefined> {
    while (!this.#closed) {
      try {
        return await Promise.all(batch.map((sealed) => this.#opener.openLater(sealed)));
      } catch (error) {
        this.#opener.onFailure(error);
        await this.#opener.pause(PAUSE_MS);
      }
    }
    return undefined;
  }
}
