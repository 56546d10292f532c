// What the events about jobs promise: their attempts.
import type { Commit } from '../../protocol/commit.ts';
import { identifyAttempt } from '../../protocol/message-ids.ts';
import type { Attempt } from '../../protocol/messages.ts';
import { jobTopic } from '../../protocol/topics.ts';
import type { JobState } from '../run/run-state.ts';
import { postpone, writeInbox, type Derivation, type Derivers, type Letter } from './derivation.ts';

const writeAttempt = (job: JobState, { commit, state }: Derivation): Letter => {
  const { event } = job;
  const attempt: Attempt = {
    type: 'Attempt',
    v: commit.v,
    run: commit.run,
    epoch: job.epoch,
    app: event.app,
    workflow: state.header?.workflow ?? '',
    job: event.number,
    name: event.job,
    generation: job.generation,
    number: 1,
    keyGeneration: job.keyGeneration,
    deployment: state.header?.deployment ?? '',
    input: event.input,
    timeoutMs: event.timeoutMs,
    commitAt: job.commitAt,
    tags: state.header?.tags ?? {},
    ...(event.totalTimeoutMs !== undefined && { totalTimeoutMs: event.totalTimeoutMs }),
    ...(state.header?.traceparent !== undefined && { traceparent: state.header.traceparent }),
  };
  return { topic: jobTopic(event.app, event.job).name, key: commit.run, id: identifyAttempt(attempt), body: JSON.stringify(attempt) };
};

const askForAttempts = (number: number, derivation: Derivation): void => {
  const job = derivation.state.jobs.get(number);
  if (job?.status !== 'open') return;
  const { outbox, commit } = derivation;
  outbox.letters.push(writeAttempt(job, derivation));
  const { totalTimeoutMs } = job.event;
  if (totalTimeoutMs === undefined) return;
  const failure = {
    code: 'ATTEMPT_TIMED_OUT',
    name: 'StarquakeError',
    message: `The job "${job.event.job}" did not succeed within its total timeout of ${totalTimeoutMs} ms.`,
  };
  const failed = writeInbox(
    { type: 'JobFailed', run: commit.run, epoch: job.epoch, job: number, generation: job.generation, failure, attempt: 0 },
    commit.v,
  );
  outbox.dues.push(postpone(failed, job.commitAt + totalTimeoutMs, commit.v));
};

const writeCanceled = ({ event, epoch, generation }: JobState, { run, v }: Commit): Letter =>
  writeInbox({ type: 'JobCanceled', run, epoch, job: event.number, generation, reason: 'the run was canceled' }, v);

export const deriveFromJobs: Derivers = {
  JobScheduled: (event, derivation) => {
    const { state } = derivation;
    const job = state.jobs.get(event.number);
    if (job?.generation !== 1) return;
    const canceled = state.canceledAt !== undefined && state.canceledAt < event.number && event.number < state.canceledBefore;
    // The code asked for it before it knew of the cancel that this or an earlier commit took: it never begins (rule 15).
    if (canceled && job.status === 'open') derivation.outbox.letters.push(writeCanceled(job, derivation.commit));
    else askForAttempts(event.number, derivation);
  },
  JobRetried: (event, derivation) => {
    const { state, commit, outbox } = derivation;
    const job = state.jobs.get(event.job);
    if (job?.generation !== event.generation) return;
    askForAttempts(event.job, derivation);
    // A canceled run waits for no generation of its jobs longer than for the first one (rule 15).
    if (state.canceledAt !== undefined && event.job < state.canceledBefore)
      outbox.dues.push(postpone(writeCanceled(job, commit), event.at + job.event.timeoutMs, commit.v));
  },
};
