// How workflow code waits for a signal, with or without a timeout.
import { toMilliseconds, type Duration } from '../../sdk/duration.ts';
import { JobCanceledError, WorkflowCodeError } from '../../sdk/errors.ts';
import type { Task } from '../../sdk/flow.ts';
import type { Signal } from '../../sdk/signal.ts';
import type { LiveRun, Wait } from './live-run.ts';
import { makeTask, throwCancel } from './task.ts';

const check = async (signal: Signal<unknown>, value: unknown): Promise<unknown> => {
  const checked = await signal.schema?.['~standard'].validate(value);
  if (!checked) return value;
  if (!checked.issues) return checked.value;
  throw new WorkflowCodeError(
    'SIGNAL_INVALID',
    `The signal "${signal.name}" does not fit its schema: ${checked.issues.map((issue) => issue.message).join('; ')}`,
  );
};

/** Waits for a signal; undefined when the timeout comes first. */
export const receiveSignal = (live: LiveRun, signal: Signal<unknown>, timeout: Duration | undefined): Task<unknown> => {
  const unread = live.signals.take(signal.name);
  if (unread) return makeTask((resolve, reject) => void check(signal, unread.value).then(resolve, reject));
  if (live.meetsCancel()) return throwCancel(live.cancelReason);
  let stop = (): boolean => false;
  return makeTask<unknown>(
    (resolve, reject) => {
      const timers: Wait[] = [];
      const waiter = { take: (value: unknown) => finish() && void check(signal, value).then(resolve, reject) };
      const interrupt = (error: Error): void => {
        if (finish()) reject(error);
      };
      const finish = (): boolean => {
        if (!live.interruptibles.delete(interrupt)) return false;
        live.signals.forget(signal.name, waiter);
        for (const timer of timers) if (live.release(timer)) live.emit({ type: 'TimerCanceled', timer: () => timer.number });
        return true;
      };
      stop = finish;
      live.interruptibles.add(interrupt);
      live.signals.wait(signal.name, waiter);
      if (timeout === undefined) return;
      const giveUp = { ownName: signal.name, reject, resolve: () => finish() && resolve(undefined) };
      const dueAt = live.now() + toMilliseconds(timeout);
      timers.push(live.await({ type: 'TimerStarted', name: `receive ${signal.name}`, dueAt }, giveUp));
    },
    (reject) => {
      if (stop()) reject(new JobCanceledError(`The wait for the signal "${signal.name}" was given up.`));
    },
  );
};
