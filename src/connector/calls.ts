// Calls to ports with a deadline, and calls that are repeated until they succeed or the connector stops (rule 21).
import { StarquakeError } from '../protocol/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** Calls to ports. */
export interface Calls {
  /** Rejects with CALL_TIMED_OUT when the call has not answered after `timeoutMs`. */
  within<T>(what: string, timeoutMs: number, call: () => Promise<T>): Promise<T>;
  /** Repeats a call with growing pauses; `repeated` tells it that it may have happened before. Undefined once `isWanted` is false. */
  untilDone<T>(what: string, timeoutMs: number, call: (repeated: boolean) => Promise<T>, isWanted?: () => boolean): Promise<T | undefined>;
  /** Resolves after a pause, or at once when stopped. */
  pause(ms: number): Promise<void>;
  readonly stopped: boolean;
  /** Ends all pauses and repetitions. */
  stop(): void;
}

/** Deadlines are looked at in steps of this: a timer for every call would cost more than the calls. */
const STEP_MS = 250;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

interface Deadline {
  readonly at: number;
  readonly expire: () => void;
}

/** @param report - is told of every call that failed and is repeated */
export const createCalls = (clock: Clock, report: (error: unknown, doing: string) => void): Calls => {
  const deadlines = new Set<Deadline>();
  const pauses = new Set<() => void>();
  let ticking = false;
  let stopped = false;

  const tick = (): void => {
    ticking = false;
    const now = clock.now();
    for (const deadline of deadlines) {
      if (deadline.at > now) continue;
      deadlines.delete(deadline);
      deadline.expire();
    }
    watch();
  };
  const watch = (): void => {
    if (ticking || deadlines.size === 0) return;
    ticking = true;
    clock.setTimer(clock.now() + STEP_MS, tick);
  };

  const within = <T>(what: string, timeoutMs: number, call: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const expire = (): void => reject(new StarquakeError('CALL_TIMED_OUT', `${what} did not answer within ${timeoutMs} ms.`));
      const deadline: Deadline = { at: clock.now() + timeoutMs, expire };
      deadlines.add(deadline);
      watch();
      call().then(
        (value) => {
          deadlines.delete(deadline);
          resolve(value);
        },
        (error: unknown) => {
          deadlines.delete(deadline);
          reject(error instanceof Error ? error : new StarquakeError('INTERNAL', `${what} failed.`, { cause: error }));
        },
      );
    });

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopped) return resolve();
      const end = (): void => {
        pauses.delete(end);
        cancel();
        resolve();
      };
      const cancel = clock.setTimer(clock.now() + ms, end);
      pauses.add(end);
    });

  const untilDone = async <T>(what: string, timeoutMs: number, call: (repeated: boolean) => Promise<T>, isWanted = (): boolean => true): Promise<T | undefined> => {
    for (let tries = 0; !stopped && isWanted(); tries++) {
      try {
        return await within(what, timeoutMs, () => call(tries > 0));
      } catch (error) {
        report(error, what);
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)));
      }
    }
    return undefined;
  };

  return {
    within,
    untilDone,
    pause,
    get stopped() {
      return stopped;
    },
    stop: () => {
      stopped = true;
      for (const end of [...pauses]) end();
    },
  };
};
