// Accepts what jobs, timers and children answer: each counts once, in the generation that it belongs to (the table of `inbox`).
import type { NewEvent } from '../../protocol/events.ts';
import type { JobState, RunState } from '../run/run-state.ts';
import { commit, settled, type Acceptors } from './acceptance.ts';

const findJob = (state: RunState, message: { readonly job: number; readonly epoch: number }): JobState | undefined => {
  const job = state.jobs.get(message.job);
  return job && job.epoch === message.epoch && job.status !== 'failed' ? job : undefined;
};

const findCurrentJob = (
  state: RunState,
  message: { readonly job: number; readonly epoch: number; readonly generation: number },
): JobState | undefined => {
  const job = findJob(state, message);
  return job?.generation === message.generation ? job : undefined;
};

export const acceptResults: Acceptors<'JobSucceeded' | 'JobFailed' | 'JobHeld' | 'JobCanceled' | 'TimerFired' | 'ChildClosed'> = {
  JobSucceeded: (state, message) => {
    const job = state.jobs.get(message.job);
    if (job?.epoch !== message.epoch) return settled;
    // A retry would open a failed job again, and a success of any generation counts: the verdict is not final (rule 5).
    if (job.status === 'failed') return commit();
    return commit({ type: 'JobSucceeded', job: message.job, generation: message.generation, output: message.output, by: 'attempt' });
  },
  JobFailed: (state, message) => {
    const job = findCurrentJob(state, message);
    if (!job) return settled;
    // A held job waits for an administrator, whatever its total timeout says; its verdict is not final (rules 5, 13).
    if (job.status === 'held') return commit();
    return commit({
      type: 'JobFailed',
      job: message.job,
      generation: message.generation,
      failure: message.failure,
      attempts: message.attempt,
    });
  },
  JobHeld: (state, message) => {
    const job = findCurrentJob(state, message);
    if (!job || job.status === 'held') return settled;
    const canceled = state.canceledAt !== undefined && state.canceledBefore > message.job;
    if (canceled) return commit({ type: 'JobCanceled', job: message.job, generation: message.generation, reason: 'the run was canceled' });
    return commit({
      type: 'JobHeld',
      job: message.job,
      generation: message.generation,
      failure: message.failure,
      attempts: message.attempt,
    });
  },
  JobCanceled: (state, message) => {
    const job = findCurrentJob(state, message);
    return job ? commit({ type: 'JobCanceled', job: message.job, generation: message.generation, reason: message.reason }) : settled;
  },
  TimerFired: (state, message) => {
    const timer = state.timers.get(message.timer);
    return timer?.epoch === message.epoch ? commit({ type: 'TimerFired', timer: message.timer }) : settled;
  },
  ChildClosed: (state, message) => {
    const child = state.children.get(message.child);
    if (!child || child.epoch !== message.epoch || child.generation !== message.generation || child.status !== 'open') return settled;
    const closed: NewEvent = {
      type: 'ChildClosed',
      child: message.child,
      generation: message.generation,
      outcome: message.outcome,
      ...(message.output && { output: message.output }),
      ...(message.failure && { failure: message.failure }),
    };
    return commit(closed);
  },
};
