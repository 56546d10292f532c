// A clock that stands still until a test moves it.
import type { CancelTimer, Clock } from '../ports/clock.ts';

interface SetTimer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock for tests. */
export interface VirtualClock extends Clock {
  /** Moves to `at`, firing what comes due on the way in order, each at its own time. */
  advanceTo(at: number): void;
  advance(ms: number): void;
  /** How many timers are set. */
  readonly timers: number;
  /** When the next timer is due, in milliseconds since the epoch. */
  readonly nextAt: number | undefined;
}

/** Makes a clock that stands at `start`, in milliseconds since the epoch. */
export const makeVirtualClock = (start = Date.UTC(2026, 0, 1)): VirtualClock => {
  const timers = new Set<SetTimer>();
  let now = start;
  let order = 0;
  const findNext = (until: number): SetTimer | undefined => {
    let next: SetTimer | undefined;
    for (const timer of timers) {
      if (timer.at > until) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  };
  const advanceTo = (at: number): void => {
    for (let timer = findNext(at); timer !== undefined; timer = findNext(at)) {
      timers.delete(timer);
      now = Math.max(now, timer.at);
      timer.fn();
    }
    now = Math.max(now, at);
  };
  const setTimer = (at: number, fn: () => void): CancelTimer => {
    const timer = { at, order: order++, fn };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: () => now,
    setTimer,
    advanceTo,
    advance: (ms) => advanceTo(now + ms),
    get timers() {
      return timers.size;
    },
    get nextAt() {
      return findNext(Number.POSITIVE_INFINITY)?.at;
    },
  };
};
