// Real time that a test may push forward: what waits for the network goes on, what is a day away can be reached.
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';

/** A clock for tests. */
export interface ShiftedClock extends Clock {
  advance(ms: number): void;
}

/** Makes a clock that is right until it is advanced. */
export const makeShiftedClock = (): ShiftedClock => {
  let shift = 0;
  return {
    now: () => systemClock.now() + shift,
    setTimer: (at, fn) => systemClock.setTimer(at - shift, fn),
    advance: (ms) => {
      shift += ms;
    },
  };
};
