// Promises that can be given up.
import { RunCanceledError } from '../../sdk/errors.ts';
import type { Task } from '../../sdk/flow.ts';

/**
 * Makes a task.
 *
 * @param begin - as for a promise
 * @param onCancel - ends it before its time, if it is still waited for
 */
export const makeTask = <T>(
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  onCancel: (reject: (error: Error) => void) => void = () => undefined,
): Task<T> => {
  let rejectTask: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    rejectTask = reject;
    begin(resolve, reject);
  });
  // A task that nobody awaits may fail without ending the process.
  promise.catch(() => undefined);
  return Object.assign(promise, { cancel: () => onCancel(rejectTask) });
};

/** A task that throws the run's cancel. */
export const throwCancel = <T>(reason: string): Task<T> =>
  makeTask((_resolve, reject) => reject(new RunCanceledError(`The run was canceled: ${reason}`)));
