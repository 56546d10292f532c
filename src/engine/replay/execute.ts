// Runs the workflow function of one run from its input to its end: checks, undoing on failure, and the event that ends it.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventOf } from '../../protocol/events.ts';
import { RunCanceledError, WorkflowCodeError } from '../../sdk/errors.ts';
import type { AnyWorkflow } from '../../sdk/flow.ts';
import type { ScheduleFlow } from '../../sdk/schedule.ts';
import { describeFailure, readPayload, writePayload } from './failures.ts';
import type { LiveRun } from './live-run.ts';

const check = async (
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  code: 'INPUT_INVALID' | 'OUTPUT_INVALID',
  what: string,
): Promise<unknown> => {
  const checked = await schema?.['~standard'].validate(value);
  if (!checked) return value;
  if (!checked.issues) return checked.value;
  const issues = checked.issues.map(({ message, path }) =>
    path && path.length > 0 ? `${path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}: ${message}` : message,
  );
  throw new WorkflowCodeError(code, `${what} does not fit its schema: ${issues.join('; ')}`);
};

/** Undoes what was done, last first, once all that is to be undone is done; an undo that fails does not keep the others from running. */
const undoAll = async (live: LiveRun): Promise<string[]> => {
  const failed: string[] = [];
  await live.beginUndoing();
  for (let undo = live.undos.pop(); undo; undo = live.undos.pop()) {
    try {
      await undo();
    } catch (error) {
      failed.push(describeFailure(error).message);
    }
  }
  return failed;
};

const fail = async (live: LiveRun, error: unknown): Promise<void> => {
  const cause = live.findCause(error);
  const failedUndos = await undoAll(live);
  const failure = describeFailure(error);
  if (failedUndos.length > 0) {
    live.emit({
      type: 'RunFailed',
      cause,
      failure: { ...failure, message: `${failure.message} (and undoing failed: ${failedUndos.join('; ')})` },
    });
  } else if (error instanceof RunCanceledError && live.cancel === 'thrown') {
    live.emit({ type: 'RunCanceled', cause, reason: live.cancelReason });
  } else {
    live.emit({ type: 'RunFailed', cause, failure });
  }
  live.closed = true;
};

const complete = async (live: LiveRun, workflow: AnyWorkflow, output: unknown): Promise<void> => {
  const checked = await check(workflow.output, output, 'OUTPUT_INVALID', `The output of the workflow "${workflow.name}"`);
  live.emit({ type: 'RunCompleted', output: writePayload(checked, `The output of the workflow "${workflow.name}"`) });
  live.closed = true;
};

const execute = async (live: LiveRun, workflow: AnyWorkflow, input: unknown, flow: ScheduleFlow): Promise<void> => {
  let checked: unknown;
  try {
    checked = await check(workflow.input, input, 'INPUT_INVALID', `The input of the workflow "${workflow.name}"`);
  } catch (error) {
    live.emit({ type: 'RunRefused', failure: describeFailure(error) });
    live.closed = true;
    return;
  }
  try {
    await complete(live, workflow, await workflow.run(checked as never, flow));
  } catch (error) {
    await fail(live, error);
  }
};

/**
 * Begins a run, or begins it anew after continueAs.
 *
 * @param flow - what its code is given
 */
export const beginRun = (live: LiveRun, workflow: AnyWorkflow, event: EventOf<'RunStarted' | 'RunContinued'>, flow: ScheduleFlow): void => {
  if (event.type === 'RunContinued') {
    for (const { signal, value } of event.signals) live.signals.put(signal, readPayload(value));
    for (const { child, run } of event.children) live.adopt(child, run);
    if (event.cancel) live.cancel = 'requested';
  }
  void execute(live, workflow, readPayload(event.input), flow);
};
