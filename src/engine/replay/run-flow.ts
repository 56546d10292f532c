// The flow that workflow code is given: each call becomes a command of its run and a promise.
import type { CalendarRule } from '../../sdk/calendar.ts';
import { toMilliseconds, type Duration } from '../../sdk/duration.ts';
import { JobCanceledError, WorkflowCodeError } from '../../sdk/errors.ts';
import type { ChildHandle, RunOptions, Task } from '../../sdk/flow.ts';
import type { AnyJob } from '../../sdk/job.ts';
import type { ScheduleFlow, ScheduleState } from '../../sdk/schedule.ts';
import type { Signal } from '../../sdk/signal.ts';
import type { AnyWorkflow } from '../../sdk/flow.ts';
import type { RealmHost } from '../../ports/realm.ts';
import { awaitWork } from './await-work.ts';
import { checkTags, readSmall, writePayload } from './failures.ts';
import type { LiveRun, Wait } from './live-run.ts';
import { handleOf, runChild, startChild } from './run-flow-children.ts';
import { receiveSignal } from './run-flow-signals.ts';
import { fingerprint } from './randomness.ts';
import { makeTask, throwCancel } from './task.ts';

const runJob = (live: LiveRun, job: AnyJob, input: unknown, options: RunOptions<never>): Task<unknown> => {
  if (live.meetsCancel()) return throwCancel(live.cancelReason);
  const draft = {
    type: 'JobScheduled' as const,
    app: live.app,
    job: job.name,
    input: writePayload(input, `The input of the job "${job.name}"`),
    timeoutMs: job.timeoutMs,
    ...(job.totalTimeoutMs !== undefined && { totalTimeoutMs: job.totalTimeoutMs }),
  };
  const giveUp = (wait: Wait): void =>
    live.emit({ type: 'JobCanceled', job: () => wait.number, generation: 1, reason: 'the workflow gave it up' });
  return awaitWork(live, { draft, ownName: job.name, giveUp }, options);
};

/** Sleeps until a time. @throws WorkflowCodeError DURATION_INVALID */
export const sleepTo = (live: LiveRun, dueAt: number): Task<void> => {
  if (!Number.isFinite(dueAt)) throw new WorkflowCodeError('DURATION_INVALID', `A sleep cannot end at ${dueAt}: that is no time.`);
  if (live.meetsCancel()) return throwCancel(live.cancelReason);
  let giveUp = (_error: Error): void => undefined;
  return makeTask<void>(
    (resolve, reject) => {
      giveUp = (error) => {
        if (!live.interruptibles.delete(giveUp)) return;
        if (live.release(wait)) live.emit({ type: 'TimerCanceled', timer: () => wait.number });
        reject(error);
      };
      const wake = (): void => {
        live.interruptibles.delete(giveUp);
        resolve();
      };
      live.interruptibles.add(giveUp);
      const wait = live.await({ type: 'TimerStarted', name: 'sleep', dueAt }, { ownName: 'sleep', resolve: wake, reject });
    },
    () => giveUp(new JobCanceledError('The sleep was given up.')),
  );
};

const findDue = (until: Date | number | CalendarRule, after: number, host: RealmHost): number => {
  if (typeof until === 'number') return until;
  if (until instanceof Date) return until.getTime();
  const found = host.findNextOccurrence(JSON.stringify(until), after);
  if (found.startsWith('!')) throw new WorkflowCodeError('CALENDAR_RULE_INVALID', found.slice(1));
  return Number(found);
};

const isChanged = (live: LiveRun, answers: Map<string, boolean>, id: string): boolean => {
  const known = answers.get(id);
  if (known !== undefined) return known;
  const changed = live.log.hasRecorded('ChangeMarked', id) || !live.isReplaying;
  answers.set(id, changed);
  if (changed) live.emit({ type: 'ChangeMarked', change: id });
  return changed;
};

const continueAs = (live: LiveRun, input: unknown): Promise<never> => {
  if (live.undos.length > 0) {
    throw new WorkflowCodeError('COMPENSATION_PENDING', `continueAs was called while ${live.undos.length} undo functions are registered.`);
  }
  const payload = writePayload(input, 'The input of continueAs');
  live.continueWith({ type: 'RunContinued', input: payload, inputHash: fingerprint(JSON.stringify(payload)) });
  return new Promise<never>(() => undefined);
};

type Target = { readonly kind: 'job' | 'workflow'; readonly name: string };

/** @throws WorkflowCodeError JOB_UNKNOWN, WORKFLOW_UNKNOWN */
const requireListed = (target: Target, app: string, isListed: (target: Target) => boolean): void => {
  if (isListed(target)) return;
  throw new WorkflowCodeError(
    target.kind === 'job' ? 'JOB_UNKNOWN' : 'WORKFLOW_UNKNOWN',
    `The app "${app}" lists no ${target.kind} "${target.name}"; add it to app({ ${target.kind}s }).`,
  );
};

/**
 * Makes the flow of a live run.
 *
 * @param isListed - whether the app offers a job or workflow
 */
export const createFlow = (live: LiveRun, host: RealmHost, isListed: (target: Target) => boolean): ScheduleFlow => {
  const changes = new Map<string, boolean>();
  const run = (target: AnyJob | AnyWorkflow, input?: unknown, options: RunOptions<never> = {}): Task<unknown> => {
    requireListed(target, live.app, isListed);
    return target.kind === 'job' ? runJob(live, target, input, options) : runChild(live, target, input, options);
  };
  const start = (name: string, input?: unknown, options: RunOptions<never> = {}): ChildHandle<unknown> => {
    requireListed({ kind: 'workflow', name }, live.app, isListed);
    return startChild(live, name, input, options);
  };
  const flow = {
    runId: live.runId,
    run,
    start: (workflow: AnyWorkflow, input?: unknown, options?: RunOptions<never>) => start(workflow.name, input, options),
    startByName: start,
    openChildren: () => [...live.detached].map(([child, runId]) => handleOf(live, runId, () => child)),
    sleep: (duration: Duration) => sleepTo(live, live.now() + toMilliseconds(duration)),
    sleepUntil: (until: Date | number | CalendarRule) => sleepTo(live, findDue(until, live.now(), host)),
    sleepUntilNext: (rule: CalendarRule, after: number) => sleepTo(live, findDue(rule, after, host)),
    receive: (signal: Signal<unknown>, options: { readonly timeout?: Duration } = {}) => receiveSignal(live, signal, options.timeout),
    compensate: (undo: () => unknown): void => {
      live.undos.push(undo);
    },
    status: (value: unknown) => live.emit({ type: 'StatusSet', status: readSmall(value, 'A status') ?? null }),
    tag: (tags: Readonly<Record<string, string>>) => live.emit({ type: 'TagsSet', tags: checkTags(tags) }),
    now: () => live.now(),
    uuid: () => live.uuid(),
    random: () => live.random(),
    changed: (id: string) => isChanged(live, changes, id),
    continueAs: (input: ScheduleState) => continueAs(live, input),
  };
  // The author's view is generic in each call; behind it every value is JSON.
  return flow as unknown as ScheduleFlow;
};
