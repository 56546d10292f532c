// The real clock: this machine's time and timers.
import type { CancelTimer, Clock } from '../../ports/clock.ts';

/** The longest wait that setTimeout takes; it would fire at once beyond. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

const setTimer = (at: number, fn: () => void): CancelTimer => {
  let canceled = false;
  let timeout: NodeJS.Timeout;
  const wait = (): void => {
    const left = at - Date.now();
    timeout = setTimeout(
      () => {
        if (canceled) return;
        // Timers run on another clock than Date: the last millisecond may still be missing, or the wait was cut to the longest one.
        if (Date.now() < at) wait();
        else fn();
      },
      Math.min(Math.max(left, 0), LONGEST_WAIT_MS),
    );
  };
  wait();
  return () => {
    canceled = true;
    clearTimeout(timeout);
  };
};

/**
 * Time as this machine has it. Timers fire at or after their time, never before, however far they are.
 *
 * @example
 * const cancel = systemClock.setTimer(systemClock.now() + 1000, () => console.log('a second later'));
 */
export const systemClock: Clock = { now: () => Date.now(), setTimer };
