// Ends invocations that their worker does not answer in time.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { fail, type Invocation } from './invocation.ts';

/** Watches the open invocations of one worker. */
export interface DeadlineWatch {
  add(invocation: Invocation): void;
  stop(): void;
}

/**
 * Watches over open invocations with one timer for all: it stands at the earliest deadline that was added, and looks again when it fires.
 *
 * @param open - what the worker has not answered; the late ones are taken out
 * @param onLate - called when there was at least one
 */
export const watchDeadlines = (clock: Clock, open: Map<number, Invocation>, onLate: () => void): DeadlineWatch => {
  let earliest = Infinity;
  let cancel: CancelTimer = () => undefined;

  const add = ({ startedAt, timeoutMs }: Invocation): void => {
    if (startedAt + timeoutMs >= earliest) return;
    cancel();
    earliest = startedAt + timeoutMs;
    cancel = clock.setTimer(earliest, look);
  };

  const look = (): void => {
    earliest = Infinity;
    const now = clock.now();
    const late = [...open].filter(([, { startedAt, timeoutMs }]) => startedAt + timeoutMs <= now);
    for (const [call, invocation] of late) {
      open.delete(call);
      const { function: fn, timeoutMs } = invocation;
      fail(invocation, now, 'FUNCTION_TIMED_OUT', `The function "${fn.name}" did not answer within ${timeoutMs} ms.`, false);
    }
    for (const invocation of open.values()) add(invocation);
    if (late.length > 0) onLate();
  };

  return { add, stop: () => cancel() };
};
