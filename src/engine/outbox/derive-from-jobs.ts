// What the events about jobs promise: their attempts.
import { identifyAttempt } from '../../protocol/message-ids.ts';
import type { Attempt } from '../../protocol/messages.ts';
import { jobTopic } from '../../protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { JobState } from '../run/run-state.ts';
import { postpone, writeInbox, type Derivation, type Derivers, type Letter } from './derivation.ts';

const writeAttempt = (job: JobState, { commit, state }: Derivation): Letter => {
  const { event } = job;
  const attempt: Attempt = {
    type: 'Attempt',
    v: PROTOCOL_VERSION,
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
  const failed = writeInbox({
    type: 'JobFailed',
    run: commit.run,
    epoch: job.epoch,
    job: number,
    generation: job.generation,
    failure,
    attempt: 0,
  });
  outbox.dues.push(postpone(failed, job.commitAt + totalTimeoutMs));
};

export const deriveFromJobs: Derivers = {
  JobScheduled: (event, derivation) => askForAttempts(event.number, derivation),
  JobRetried: (event, derivation) => askForAttempts(event.job, derivation),
};
