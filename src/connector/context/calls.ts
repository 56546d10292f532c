// Calls to ports with a deadline, and calls that are repeated until they succeed or the connector stops (rule 21).
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Clock } from '../../ports/clock.ts';

/** Deadlines are looked at in steps of this: a timer for every call would cost more than the calls. */
const STEP_MS = 250;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

interface Deadline {
  readonly at: number;
  readonly expire: () => void;
}

/** Calls to ports. */
export class Calls {
  readonly #clock: Clock;
  readonly #report: (error: unknown, doing: string) => void;
  readonly #deadlines = new Set<Deadline>();
  readonly #pauses = new Set<() => void>();
  #watching = false;
  #draining = false;
  #stopped = false;
  readonly #ended = Promise.withResolvers<void>();
  #lastFailureAt = 0;

  /** @param report - is told of every call that failed and is repeated */
  constructor(clock: Clock, report: (error: unknown, doing: string) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Nothing new is taken; what is in hand is finished. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Nothing is repeated any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Resolves when nothing is repeated any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** When a call last failed or did not answer, in milliseconds since the epoch; 0 for never. */
  get lastFailureAt(): number {
    return this.#lastFailureAt;
  }

  /**
   * Makes a call.
   *
   * @param what - names the call in the error
   * @throws CALL_TIMED_OUT when it has not answered after `timeoutMs`
   */
  within<T>(what: string, timeoutMs: number, call: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const fail = (error: Error): void => {
        this.#deadlines.delete(deadline);
        this.#lastFailureAt = this.#clock.now();
        reject(error);
      };
      const expire = (): void => fail(new StarquakeError('CALL_TIMED_OUT', `${what} did not answer within ${timeoutMs} ms.`));
      const deadline: Deadline = { at: this.#clock.now() + timeoutMs, expire };
      this.#deadlines.add(deadline);
      this.#watch();
      // A call that throws is one that failed.
      new Promise<T>((answer) => answer(call())).then(
        (value) => {
          this.#deadlines.delete(deadline);
          resolve(value);
        },
        (error: unknown) => fail(error instanceof Error ? error : new StarquakeError('INTERNAL', `${what} failed.`, { cause: error })),
      );
    });
  }

  /**
   * Repeats a call with growing pauses until it succeeds.
   *
   * @param call - is told whether it may have happened before
   * @param isWanted - gives up once false
   * @returns undefined when it was given up, or the connector stops
   */
  async untilDone<T>(
    what: string,
    timeoutMs: number,
    call: (repeated: boolean) => Promise<T>,
    isWanted = (): boolean => true,
  ): Promise<T | undefined> {
    for (let tries = 0; !this.#stopped && isWanted(); tries++) {
      try {
        return await this.within(what, timeoutMs, () => call(tries > 0));
      } catch (error) {
        this.#report(error, what);
        await this.pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)));
      }
    }
    return undefined;
  }

  /** Resolves after a pause, or at once when stopped. */
  pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#pauses.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.#clock.setTimer(this.#clock.now() + ms, end);
      this.#pauses.add(end);
    });
  }

  /** Asks all loops to take nothing new. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends all pauses and repetitions. */
  stop(): void {
    this.#draining = true;
    this.#stopped = true;
    this.#ended.resolve();
    for (const end of this.#pauses) end();
  }

  #watch(): void {
    if (this.#watching || this.#deadlines.size === 0) return;
    this.#watching = true;
    this.#clock.setTimer(this.#clock.now() + STEP_MS, () => {
      this.#watching = false;
      const now = this.#clock.now();
      for (const deadline of this.#deadlines) if (deadline.at <= now) deadline.expire();
      this.#watch();
    });
  }
}
