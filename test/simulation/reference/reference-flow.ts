// The flow of the reference: each call of the program as a command that the history must have.
import type { Flow, Task } from 'starquake';
import type { Program } from '../programs/program.ts';
import { anyValue, unknownValue } from './agree.ts';
import { ReferenceError, type ReferenceRun, type Settle, type Wait } from './reference-run.ts';

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
  await Promise.resolve();
  return value;
};

/** Runs a job or a child and waits for it. */
const awaitWork = (
  run: ReferenceRun,
  command: Parameters<ReferenceRun['emit']>[0],
  undo: ((output: never) => unknown) | undefined,
  giveUp: (number: number) => void,
): Task<unknown> => {
  if (run.meetsCancel()) return rejected('RUN_CANCELED');
  let wait: Wait | undefined;
  const task = makeTask(
    ({ resolve, reject }) => {
      const succeed = (output: unknown): void => {
        if (undo) run.undos.push(() => undo(output as never));
        resolve(output);
      };
      wait = run.wait(run.emit(command), { resolve: succeed, reject });
    },
    ({ reject }) => {
      if (!wait || !run.release(wait)) return;
      giveUp(wait.number);
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
        if (run.release(wait)) run.emit({ type: 'TimerCanceled', timer: wait.number });
        reject(error);
      };
      run.interrupts.add(interrupt);
      const wake = (): void => {
        run.interrupts.delete(interrupt);
        resolve(undefined);
      };
      const wait = run.wait(run.emit({ type: 'TimerStarted', name: 'sleep', dueAt: now(run) + ms }), { resolve: wake, reject });
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
      let timer: Wait | undefined = undefined;
      const receiver = { signal, take: (value: unknown) => finish() && void pass(value).then(resolve, reject) };
      const finish = (): boolean => {
        if (!run.interrupts.delete(interrupt)) return false;
        const place = run.receivers.indexOf(receiver);
        if (place >= 0) run.receivers.splice(place, 1);
        if (timer && run.release(timer)) run.emit({ type: 'TimerCanceled', timer: timer.number });
        return true;
      };
      interrupt = (error) => {
        if (finish()) reject(error);
      };
      run.interrupts.add(interrupt);
      run.receivers.push(receiver);
      if (timeoutMs === undefined) return;
      const number = run.emit({ type: 'TimerStarted', name: `receive ${signal}`, dueAt: now(run) + timeoutMs });
      timer = run.wait(number, { reject, resolve: () => finish() && resolve(undefined) });
    },
    () => interrupt(new ReferenceError('JOB_CANCELED')),
  );
};

const now = ({ delivering }: ReferenceRun): number => delivering?.at ?? 0;

const giveUpChild = (run: ReferenceRun, child: number, id: string): void => {
  if (run.closed.has(child) || run.givenUp.has(id)) return;
  run.givenUp.add(id);
  run.detached.delete(child);
  run.emit({
    type: 'ChildClosed',
    child,
    generation: 1,
    outcome: 'canceled',
    failure: { code: 'JOB_CANCELED', name: anyValue, message: anyValue },
  });
  for (const { reject } of run.end(child)) reject(new ReferenceError('JOB_CANCELED'));
};

/** Waits for a detached child; a cancel ends the wait. */
const awaitDetached = (run: ReferenceRun, child: number): Task<unknown> => {
  let interrupt = (_error: Error): void => undefined;
  return makeTask(
    ({ resolve, reject }) => {
      interrupt = (error) => {
        run.interrupts.delete(interrupt);
        if (run.release(wait)) reject(error);
      };
      const end =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          run.interrupts.delete(interrupt);
          settle(value);
        };
      run.interrupts.add(interrupt);
      const wait = run.wait(child, { resolve: end(resolve), reject: end(reject) });
    },
    () => interrupt(new ReferenceError('JOB_CANCELED')),
  );
};

const startDetached = (run: ReferenceRun, input: unknown, runId: string): ReturnType<Flow<Program>['start']> => {
  const child = run.emit({ type: 'ChildStarted', run: runId, input: { json: input }, attached: false });
  run.detached.set(child, runId);
  const result = (): Task<unknown> => {
    const closed = run.closed.get(child);
    if (closed)
      return makeTask(
        (settle) => run.tellClosed(closed, settle),
        () => undefined,
      );
    if (run.givenUp.has(runId)) return rejected('RUN_FAILED');
    return run.meetsCancel() ? rejected('RUN_CANCELED') : awaitDetached(run, child);
  };
  return { runId, cancel: () => giveUpChild(run, child, runId), result };
};

type Target = { readonly kind: 'job' | 'workflow'; readonly name: string };
type Options = { readonly compensate?: (output: never) => unknown; readonly runId?: string };

/** Makes the flow of a run. @param continueWith - is told of continueAs */
export const createReferenceFlow = (run: ReferenceRun, continueWith: (input: unknown) => Promise<never>): Flow<Program> => {
  let drawn = 0;
  const marked = new Set<string>();
  const flow = {
    runId: run.run,
    run: ({ kind, name }: Target, input: unknown, { compensate, runId }: Options = {}) =>
      kind === 'job'
        ? awaitWork(
            run,
            { type: 'JobScheduled', job: name, input: { json: input } },
            compensate,
            (job) => void run.emit({ type: 'JobCanceled', job, generation: 1 }),
          )
        : awaitWork(run, { type: 'ChildStarted', run: runId, input: { json: input }, attached: true }, compensate, (child) =>
            giveUpChild(run, child, runId ?? ''),
          ),
    start: (_workflow: Target, input: unknown, { runId = '' }: Options = {}) => startDetached(run, input, runId),
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
