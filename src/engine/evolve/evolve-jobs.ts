// How the events about jobs change the state of a run.
import type { JobState, RunState } from '../run/run-state.ts';
import { rememberRequest } from './evolve-run.ts';
import type { Evolvers } from './evolver.ts';

const mark = (state: RunState, job: number, status: JobState['status']): void => {
  const known = state.jobs.get(job);
  if (known) known.status = status;
};

export const evolveJobs: Evolvers<'JobScheduled' | 'JobSucceeded' | 'JobFailed' | 'JobHeld' | 'JobCanceled' | 'JobRetried'> = {
  JobScheduled: (state, event, epoch) => {
    state.jobs.set(event.number, { event, epoch, generation: 1, keyGeneration: 1, commitAt: event.at, status: 'open' });
    if (state.canceledAt !== undefined && event.cause < state.canceledAt) state.canceledBefore = event.number + 1;
  },
  JobSucceeded: (state, event) => {
    state.jobs.delete(event.job);
    rememberRequest(state, event.requestId, event.at);
  },
  JobFailed: (state, event) => mark(state, event.job, 'failed'),
  JobHeld: (state, event) => mark(state, event.job, 'held'),
  JobCanceled: (state, event) => {
    state.jobs.delete(event.job);
    rememberRequest(state, event.requestId, event.at);
  },
  JobRetried: (state, event) => {
    const known = state.jobs.get(event.job);
    rememberRequest(state, event.requestId, event.at);
    if (!known) return;
    known.generation = event.generation;
    known.commitAt = event.at;
    known.status = 'open';
    if (event.newKey) known.keyGeneration = event.generation;
  },
};
