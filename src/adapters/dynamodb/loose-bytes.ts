// Knows about how many bytes of commits of recent runs lie outside of segments, so that an append can tell when it is too much.

/** Runs that are known at once; one that is forgotten is counted again from its next load. */
const RUNS_LIMIT = 20_000;

/** Bytes by run. */
export class LooseBytes {
  readonly #limit: number;
  readonly #bytes = new Map<string, number>();

  /** @param limit - bytes above which a run is to be segmented */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes note of what a load has read. */
  set(run: string, bytes: number): void {
    this.#keep(run, bytes > this.#limit ? 0 : bytes);
  }

  /** Adds an append's bytes; says once whether it is too much now. */
  add(run: string, bytes: number): boolean {
    const sum = (this.#bytes.get(run) ?? 0) + bytes;
    this.#keep(run, sum > this.#limit ? 0 : sum);
    return sum > this.#limit;
  }

  #keep(run: string, bytes: number): void {
    this.#bytes.delete(run);
    this.#bytes.set(run, bytes);
    const [oldest] = this.#bytes.keys();
    if (this.#bytes.size > RUNS_LIMIT && oldest !== undefined) this.#bytes.delete(oldest);
  }
}
