// How workflow code starts child runs, attached (awaited) or detached (with a handle).
import { ChildFailedError, JobCanceledError } from '../../sdk/errors.ts';
import type { ChildHandle, RunOptions, Task } from '../../sdk/flow.ts';
import type { AnyWorkflow } from '../../sdk/flow.ts';
import { awaitWork } from './await-work.ts';
import type { CommandDraft } from './command-log.ts';
import { writePayload } from './failures.ts';
import type { LiveRun } from './live-run.ts';
import { fingerprint } from './randomness.ts';
import { makeTask, throwCancel } from './task.ts';

const draftChild = (
  live: LiveRun,
  workflow: string,
  input: unknown,
  options: RunOptions<never>,
  attached: boolean,
): CommandDraft & { readonly run: string } => {
  const payload = writePayload(input, `The input of the workflow "${workflow}"`);
  return {
    type: 'ChildStarted',
    run: options.runId ?? `${live.runId}:${live.startNumber}.${live.log.next}`,
    app: live.app,
    workflow,
    input: payload,
    inputHash: fingerprint(JSON.stringify(payload)),
    tags: { ...options.tags },
    attached,
  };
};

const cancelChild = (live: LiveRun, child: number, run: string): void => {
  if (live.closedChildren.has(child)) return;
  live.detached.delete(child);
  live.emit({
    type: 'ChildClosed',
    child,
    generation: 1,
    outcome: 'canceled',
    failure: { code: 'JOB_CANCELED', name: 'JobCanceledError', message: `The workflow gave up its child "${run}".` },
  });
};

/** Runs a workflow as an attached child and waits for it. */
export const runChild = (live: LiveRun, workflow: AnyWorkflow, input: unknown, options: RunOptions<never>): Task<unknown> => {
  if (live.meetsCancel()) return throwCancel(live.cancelReason);
  const draft = draftChild(live, workflow.name, input, options, true);
  return awaitWork(live, { draft, ownName: draft.run, giveUp: (number) => cancelChild(live, number, draft.run) }, options);
};

/** The handle of a detached child. */
export const handleOf = (live: LiveRun, runId: string, readNumber: () => number): ChildHandle<unknown> => ({
  runId,
  cancel: () => cancelChild(live, readNumber(), runId),
  result: () => {
    const closed = live.closedChildren.get(readNumber());
    if (closed) return makeTask((resolve, reject) => live.settleChild(closed, { ownName: runId, resolve, reject }));
    if (!live.detached.has(readNumber())) return makeTask((_resolve, reject) => reject(new ChildFailedError(runId, 'canceled', undefined)));
    if (live.meetsCancel()) return throwCancel(live.cancelReason);
    return makeTask<unknown>(
      (resolve, reject) => live.awaitKnown(readNumber(), { ownName: runId, resolve, reject }),
      (reject) => {
        if (live.release(readNumber())) reject(new JobCanceledError(`The wait for the child "${runId}" was given up.`));
      },
    );
  },
});

/** Starts a workflow as a detached child. */
export const startChild = (live: LiveRun, workflow: string, input: unknown, options: RunOptions<never>): ChildHandle<unknown> => {
  const draft = draftChild(live, workflow, input, options, false);
  let number = 0;
  live.emit(draft, (given) => {
    number = given;
    live.adopt(given, draft.run);
  });
  return handleOf(live, draft.run, () => number);
};
