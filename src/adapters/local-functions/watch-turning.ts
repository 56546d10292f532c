// Notices a thread whose loop does not turn: it shows no sign of life for a while, and none when it is asked for one.
import type { CancelTimer, Clock } from '../../ports/clock.ts';

/** After this long without a sign the thread is asked for one; it is taken to stand still when none has come after as long again. */
const PATIENCE_MS = 500;

/** Watches one thread while it has work. */
export interface TurningWatch {
  /** There is work: looks from now on until there is none. */
  begin(): void;
  /** The thread has shown that it turns. */
  noteSign(): void;
  stop(): void;
}

/**
 * Watches over a thread.
 *
 * @param isBusy - whether there still is work
 * @param ask - asks the thread for a sign
 * @param onStill - called once each time that it is found standing still
 */
export const watchTurning = (clock: Clock, isBusy: () => boolean, ask: () => void, onStill: () => void): TurningWatch => {
  let watching = false;
  let signed = false;
  let cancel: CancelTimer = () => undefined;

  const wait = (then: () => void): void => {
    cancel = clock.setTimer(clock.now() + PATIENCE_MS, then);
  };
  const look = (): void => {
    if (!isBusy()) {
      watching = false;
    } else if (signed) {
      signed = false;
      wait(look);
    } else {
      ask();
      // Not from now but from the next turn: it may be this thread's loop that stood still.
      setImmediate(() => watching && wait(judge));
    }
  };
  const judge = (): void => {
    if (signed || !isBusy()) return look();
    watching = false;
    onStill();
  };
  return {
    begin: () => {
      if (watching) return;
      [watching, signed] = [true, false];
      wait(look);
    },
    noteSign: () => {
      signed = true;
    },
    stop: () => {
      watching = false;
      cancel();
    },
  };
};
