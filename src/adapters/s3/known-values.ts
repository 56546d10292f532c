// Remembers for a while what S3 was found to have, so that it is not asked, or given, the same thing again and again.
import type { Clock } from '../../ports/clock.ts';

/** What is known of one value. */
interface Known<T> {
  readonly value: T;
  readonly at: number;
}

/** Things by name, the latest ones. */
export class KnownValues<T> {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #limit: number;
  readonly #known = new Map<string, Known<T>>();

  /**
   * @param keepMs - how long a thing is believed, milliseconds
   * @param limit - things that are remembered at once
   */
  constructor(clock: Clock, keepMs: number, limit: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#limit = limit;
  }

  get(name: string): T | undefined {
    const known = this.#known.get(name);
    return known !== undefined && this.#clock.now() - known.at < this.#keepMs ? known.value : undefined;
  }

  set(name: string, value: T): void {
    this.#known.delete(name);
    this.#known.set(name, { value, at: this.#clock.now() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#limit && oldest !== undefined) this.#known.delete(oldest);
  }

  delete(name: string): void {
    this.#known.delete(name);
  }
}
