// The flow of the reference: each call of the program as a command that the history must have.
import type { Flow, Task } from 'starquake';
import type { Program } from '../programs/program.ts';
import { unknownValue } from './agree.ts';
import { ReferenceError, type ReferenceRun } from './reference-run.ts';

type Settle = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

const makeTask = (begin: (settle: Settle) => void, cancel: (settle: Settle) => void): Task<unknown> => {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  promise.catch(() => undefined);
  const settle = { resolve, reject };
  begin(settle);
  return Object.assign(promise, { cancel: () => cancel(settle) });
};

const rejected = (code: string): Task<unknown> =>
  makeTask(
    ({ reject }) => reject(new ReferenceError(code)),
    () => undefined,
  );

/** A value passes its schema's check, which takes a breath even where there is none. */
export const pass = async <T>(value: T): Promise<T> => {
  await undefined;
  return value;
};

/** Runs a job or a child and waits for it. */
const awaitWork = (run: ReferenceRun, command: Parameters<ReferenceRun['emit']>[0], undo: ((output: never) => unknown) | undefined, giveUp: (number: number) => void): Task<unknown> => {
  if (run.meetsCancel()) return rejected('RUN_CANCELED');
  let number = 0;
  const task = makeTask(
    ({ resolve, reject }) => {
      number = run.emit(command);
      const succeed = (output: unknown): void => {
        if (undo) run.undos.push(() => undo(output as never));
        resolve(output);
      };
      run.wait(number, { resolve: succeed, reject });
    },
    ({ reject }) => {
      if (!run.release(number)) return;
      giveUp(number);
      reject(new ReferenceError('JOB_CANCELED'));
    },
  );
  if (!undo) return task;
  const forget = (): void => void run.undoable.delete(task);
  run.undoable.add(task);
  task.then(forget, forget);
  return task;
};

const sleep = (run: ReferenceRun, ms: number): Task<unknown> => {
  if (run.meetsCancel()) return rejected('RUN_CANCELED');
  let interrupt = (_error: Error): void => undefined;
  return makeTask(
    ({ resolve, reject }) => {
      interrupt = (error) => {
        if (!run.interrupts.delete(interrupt)) return;
        if (run.release(number)) run.emit({ type: 'TimerCanceled', timer: number });
        reject(error);
      };
      run.interrupts.add(interrupt);
      const number = run.emit({ type: 'TimerStarted', name: 'sleep', dueAt: now(run) + ms });
      const wake = (): void => {
        run.interrupts.delete(interrupt);
        resolve(undefined);
      };
      run.wait(number, { resolve: wake, reject });
    },
    () => interrupt(new ReferenceError('JOB_CANCELED')),
  );
};

const receive = (run: ReferenceRun, signal: string, timeoutMs: number | undefined): Task<unknown> => {
  const at = run.unread.findIndex((unread) => unread.signal === signal);
  const [unread] = at < 0 ? [] : run.unread.splice(at, 1);
  if (unread) {
    return makeTask(
      ({ resolve, reject }) => void pass(unread.value).then(resolve, reject),
      () => undefined,
    );
  }
  if (run.meetsCancel()) return rejected('RUN_CANCELED');
  let interrupt = (_error: Error): void => undefined;
  return makeTask(
    ({ resolve, reject }) => {
      let number = 0;
      const receiver = { signal, take: (value: unknown) => finish() && void pass(value).then(resolve, reject) };
      const finish = (): boolean => {
        if (!run.interrupts.delete(interrupt)) return false;
        const place = run.receivers.indexOf(receiver);
        if (place >= 0) run.receivers.splice(place, 1);
        if (run.release(number)) run.emit({ type: 'TimerCanceled', timer: number });
        return true;
      };
      interrupt = (error) => {
        if (finish()) reject(error);
      };
      run.interrupts.add(interrupt);
      run.receivers.push(receiver);
      if (timeoutMs === undefined) return;
      number = run.emit({ type: 'TimerStarted', name: `receive ${signal}`, dueAt: now(run) + timeoutMs });
      run.wait(number, { reject, resolve: () => finish() && resolve(undefined) });
    },
    () => interrupt(new ReferenceError('JOB_CANCELED')),
  );
};

const now = ({ delivering }: ReferenceRun): number => delivering?.at ?? 0;

const giveUpChild = (run: ReferenceRun, child: number): void => {
  if (run.closed.has(child)) return;
  run.detached.delete(child);
  run.emit({ type: 'ChildClosed', child, generation: 1, outcome: 'canceled' });
};

const startDetached = (run: ReferenceRun, input: unknown, runId: string): ReturnType<Flow<Program>['start']> => {
  const child = run.emit({ type: 'ChildStarted', run: runId, input: { json: input }, attached: false });
  run.detached.set(child, runId);
  const result = (): Task<unknown> => {
    const closed = run.closed.get(child);
    const nothing = (): void => undefined;
    if (closed) return makeTask((settle) => run.tellClosed(closed, settle), nothing);
    if (!run.detached.has(child)) return rejected('RUN_FAILED');
    if (run.meetsCancel()) return rejected('RUN_CANCELED');
    return makeTask(
      (settle) => run.wait(child, settle),
      ({ reject }) => void (run.release(child) && reject(new ReferenceError('JOB_CANCELED'))),
    );
  };
  return { runId, cancel: () => giveUpChild(run, child), result: result as never };
};

type Target = { readonly kind: 'job' | 'workflow'; readonly name: string };
type Options = { readonly compensate?: (output: never) => unknown; readonly runId?: string };

/** Makes the flow of a run. @param continueWith - is told of continueAs */
export const createReferenceFlow = (run: ReferenceRun, continueWith: (input: unknown) => Promise<never>): Flow<Program> => {
  let drawn = 0;
  const marked = new Set<string>();
  const flow = {
    runId: run.run,
    run: ({ kind, name }: Target, input: unknown, { compensate, runId }: Options) =>
      kind === 'job'
        ? awaitWork(run, { type: 'JobScheduled', job: name, input: { json: input } }, compensate, (job) => void run.emit({ type: 'JobCanceled', job, generation: 1 }))
        : awaitWork(run, { type: 'ChildStarted', run: runId, input: { json: input }, attached: true }, compensate, (child) => giveUpChild(run, child)),
    start: (_workflow: Target, input: unknown, { runId = '' }: Options) => startDetached(run, input, runId),
    sleep: (ms: number) => sleep(run, ms),
    receive: ({ name }: { readonly name: string }, options: { readonly timeout?: number } = {}) => receive(run, name, options.timeout),
    compensate: (undo: () => unknown) => void run.undos.push(undo),
    status: (status: unknown) => void run.emit({ type: 'StatusSet', status }),
    tag: (tags: unknown) => void run.emit({ type: 'TagsSet', tags }),
    now: () => now(run),
    uuid: () => unknownValue(`uuid ${drawn++}`),
    random: () => unknownValue(`random ${drawn++}`),
    changed: (change: string) => {
      if (!marked.has(change)) run.emit({ type: 'ChangeMarked', change });
      marked.add(change);
      return true;
    },
    continueAs: continueWith,
  };
  return flow as unknown as Flow<Program>;
};
