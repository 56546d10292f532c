// Accepts what an administrator asks of a run, a job or a timer: its own event, or RequestRefused.
import type { NewEvent } from '../../protocol/events.ts';
import { readStatus, type JobState, type RunState } from '../run/run-state.ts';
import { commit, type Acceptance, type Acceptors } from './acceptance.ts';
import { refuse } from './refuse.ts';
import { acceptRetryRun } from './accept-retry-run.ts';

type JobRequest = { readonly requestId: string; readonly job: number };

const withWaitingJob = (state: RunState, message: JobRequest, then: (job: JobState) => readonly NewEvent[]): Acceptance => {
  const job = state.jobs.get(message.job);
  if (state.phase !== 'open' && state.phase !== 'failed') {
    return refuse(state, message.requestId, 'RUN_STATE', `The run "${state.run}" is ${state.phase}, so none of its jobs waits.`);
  }
  if (!job)
    return refuse(
      state,
      message.requestId,
      'JOB_NOT_OPEN',
      `Event ${message.job} of the run "${state.run}" is no job that is open, held or failed.`,
    );
  if (job.status === 'failed') {
    return refuse(
      state,
      message.requestId,
      'REACTED',
      `The workflow has been told that the job "${job.event.job}" (event ${message.job}) failed; retry the run instead.`,
    );
  }
  return commit(...then(job));
};

const requireOpen = (state: RunState, requestId: string, wanted: boolean, what: string): Acceptance | undefined =>
  state.phase === 'open' && wanted
    ? undefined
    : refuse(state, requestId, 'RUN_STATE', `The run "${state.run}" cannot be ${what}: it is ${readStatus(state)}.`);

export const acceptAdministration: Acceptors<
  'Terminate' | 'Pause' | 'Resume' | 'RetryRun' | 'RetryJob' | 'CompleteJob' | 'CancelJob' | 'FireTimer'
> = {
  Terminate: (state, message) => {
    if (state.phase !== 'open' && state.phase !== 'failed')
      return refuse(state, message.requestId, 'RUN_CLOSED', `The run "${state.run}" is ${state.phase}.`);
    return commit({ type: 'RunTerminated', requestId: message.requestId, reason: message.reason });
  },
  Pause: (state, message) =>
    requireOpen(state, message.requestId, readStatus(state) === 'running', 'paused') ??
    commit({ type: 'RunPaused', requestId: message.requestId }),
  Resume: (state, message) =>
    requireOpen(state, message.requestId, state.paused, 'resumed') ?? commit({ type: 'RunResumed', requestId: message.requestId }),
  RetryRun: acceptRetryRun,
  RetryJob: (state, message) => {
    if (state.phase === 'open' && state.canceledAt !== undefined && message.job < state.canceledBefore && state.jobs.has(message.job)) {
      return refuse(state, message.requestId, 'RUN_STATE', `The run "${state.run}" is being canceled, so its jobs are attempted no more.`);
    }
    return withWaitingJob(state, message, (job) => [
      { type: 'JobRetried', job: message.job, generation: job.generation + 1, newKey: message.newKey, requestId: message.requestId },
    ]);
  },
  CompleteJob: (state, message) =>
    withWaitingJob(state, message, (job) => [
      {
        type: 'JobSucceeded',
        job: message.job,
        generation: job.generation,
        output: message.output,
        by: 'request',
        requestId: message.requestId,
      },
    ]),
  CancelJob: (state, message) =>
    withWaitingJob(state, message, (job) => [
      {
        type: 'JobCanceled',
        job: message.job,
        generation: job.generation,
        reason: 'an administrator canceled it',
        requestId: message.requestId,
      },
    ]),
  FireTimer: (state, message) => {
    if (state.timers.has(message.timer)) return commit({ type: 'TimerFired', timer: message.timer, requestId: message.requestId });
    return refuse(state, message.requestId, 'NOT_DUE', `Event ${message.timer} of the run "${state.run}" is no timer that waits.`);
  },
};
