// How workflow code starts child runs, attached (awaited) or detached (with a handle).
import { ChildFailedError, JobCanceledError, WorkflowCodeError } from '../../sdk/errors.ts';
import type { ChildHandle, RunOptions, Task } from '../../sdk/flow.ts';
import type { AnyWorkflow } from '../../sdk/flow.ts';
import { awaitWork } from './await-work.ts';
import type { CommandDraft } from './command-log.ts';
import { checkTags, writePayload } from './failures.ts';
import type { LiveRun, Wait } from './live-run.ts';
import { fingerprint } from './randomness.ts';
import { makeTask, throwCancel } from './task.ts';

/** As long as a run id may be (protocol/messages.ts). */
const RUN_ID_CHARACTERS = 500;

const nameChild = (live: LiveRun, wanted: string | undefined): string => {
  const run = wanted ?? `${live.runId}:${live.startNumber}.${live.log.next}`;
  if (run.length > 0 && run.length <= RUN_ID_CHARACTERS) return run;
  throw new WorkflowCodeError(
    'REQUEST_INVALID',
    `A run id has 1 to ${RUN_ID_CHARACTERS} characters; that of this child has ${run.length}.`,
  );
};

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
    run: nameChild(live, options.runId),
    app: live.app,
    workflow,
    input: payload,
    inputHash: fingerprint(JSON.stringify(payload)),
    tags: checkTags(options.tags ?? {}),
    attached,
  };
};

const cancelChild = (live: LiveRun, run: string, readNumber: () => number): void => {
  if (live.closedChildren.has(readNumber()) || live.givenUp.has(run)) return;
  live.givenUp.add(run);
  live.detached.delete(readNumber());
  const message = `The workflow gave up its child "${run}".`;
  const failure = { code: 'JOB_CANCELED', name: 'JobCanceledError', message };
  live.emit({ type: 'ChildClosed', child: readNumber, generation: 1, outcome: 'canceled', failure });
  live.rejectAll(readNumber(), new JobCanceledError(message));
};

/** Runs a workflow as an attached child and waits for it. */
export const runChild = (live: LiveRun, workflow: AnyWorkflow, input: unknown, options: RunOptions<never>): Task<unknown> => {
  if (live.meetsCancel()) return throwCancel(live.cancelReason);
  const draft = draftChild(live, workflow.name, input, options, true);
  const giveUp = (wait: Wait): void => cancelChild(live, draft.run, () => wait.number);
  return awaitWork(live, { draft, ownName: draft.run, giveUp }, options);
};

/** Waits for a detached child; a cancel of the run ends the wait, as the child goes on by itself. */
const awaitDetached = (live: LiveRun, runId: string, child: number): Task<unknown> => {
  let giveUp = (_error: Error): void => undefined;
  return makeTask<unknown>(
    (resolve, reject) => {
      giveUp = (error) => {
        live.interruptibles.delete(giveUp);
        if (live.release(wait)) reject(error);
      };
      const end =
        <T>(settle: (value: T) => void) =>
        (value: T): void => {
          live.interruptibles.delete(giveUp);
          settle(value);
        };
      live.interruptibles.add(giveUp);
      const wait = live.awaitDetached(child, runId, { ownName: runId, resolve: end(resolve), reject: end(reject) });
    },
    () => giveUp(new JobCanceledError(`The wait for the child "${runId}" was given up.`)),
  );
};

/** The handle of a detached child. */
export const handleOf = (live: LiveRun, runId: string, readNumber: () => number): ChildHandle<unknown> => ({
  runId,
  cancel: () => cancelChild(live, runId, readNumber),
  result: () => {
    const closed = live.closedChildren.get(readNumber());
    if (closed) return makeTask((resolve, reject) => live.settleChild(closed, { ownName: runId, resolve, reject }));
    if (live.givenUp.has(runId)) return makeTask((_resolve, reject) => reject(new ChildFailedError(runId, 'canceled', undefined)));
    if (live.meetsCancel()) return throwCancel(live.cancelReason);
    return awaitDetached(live, runId, readNumber());
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
