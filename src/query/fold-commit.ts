// Folds a commit into a run's row: the events say what it waits for, the commit's summary what state it is in.
import type { Commit } from '../protocol/commit.ts';
import type { EventOf, RunEvent } from '../protocol/events.ts';
import type { Failure } from '../protocol/payload.ts';
import { isOfOlderEpoch, type DraftRow, type JobRow, type RequestAnswer } from './run-row.ts';

const REQUEST = 'request/';

/** Applies a commit to the row of its run; commits must come in order of version, each once. */
export const foldCommit = (row: DraftRow, commit: Commit): void => {
  if (row.spans.at(-1)?.epoch !== commit.epoch) beginEpoch(row, commit);
  if (row.version === 0) row.createdAt = commit.events[0]?.at ?? commit.at;
  for (const event of commit.events) {
    if (event.type === 'RunStarted' || event.type === 'RunContinued') row.inputVersion = commit.version;
    foldRunEvent(row, event);
    foldJobEvent(row, event);
    foldWaitEvent(row, event);
  }
  row.version = commit.version;
  row.eventNumber = commit.events.at(-1)?.number ?? row.eventNumber;
  row.status = commit.summary.status;
  for (const id of commit.messages)
    if (id.startsWith(REQUEST)) row.requests.set(id.slice(REQUEST.length), answerRequest(commit, id.slice(REQUEST.length)));
  if (row.closedAt !== undefined && row.status !== 'failed') forgetWaits(row);
};

/** What was heard of attempts before is of processes that are gone, perhaps of jobs that were never asked for in this branch. */
const beginEpoch = (row: DraftRow, { epoch, version, at }: Commit): void => {
  row.spans.push({ epoch, from: version, at });
  for (const [job, attempt] of row.attempts) if (isOfOlderEpoch(row, attempt.at)) row.attempts.delete(job);
};

const answerRequest = (commit: Commit, requestId: string): RequestAnswer => {
  for (const event of commit.events) {
    if (event.type === 'RequestRefused' && event.requestId === requestId)
      return { kind: 'refused', code: event.code, message: event.message };
    if (event.type === 'RunStarted' && event.requestId === requestId) return answerStart(commit);
  }
  return { kind: 'accepted' };
};

const answerStart = (commit: Commit): RequestAnswer => {
  const refused = commit.events.find((event) => event.type === 'RunRefused');
  return refused === undefined ? { kind: 'accepted' } : { kind: 'refused', code: refused.failure.code, message: refused.failure.message };
};

const foldRunEvent = (row: DraftRow, event: RunEvent): void => {
  switch (event.type) {
    case 'RunStarted':
      Object.assign(row, {
        app: event.app,
        workflow: event.workflow,
        inputHash: event.inputHash,
        startedAt: event.at,
        parent: event.parent,
      });
      row.deployment = event.deployment;
      row.tags = { ...row.tags, ...event.tags };
      return;
    case 'RunExpected':
      row.expected = true;
      return;
    case 'SignalsExpired':
      row.expected = false;
      return;
    case 'StatusSet':
      row.said = event.status;
      return;
    case 'TagsSet':
      row.tags = { ...row.tags, ...event.tags };
      return;
    case 'DeploymentChanged':
      row.deployment = event.deployment;
      return;
    case 'RunBlocked':
      row.failure = event.failure;
      row.nextTryAt = event.nextTryAt;
      return;
    case 'RunUnblocked':
      row.failure = undefined;
      row.nextTryAt = undefined;
      return;
    case 'RunRetried':
      withdraw(row, event);
      return;
    default:
      foldEnd(row, event);
  }
};

const foldEnd = (row: DraftRow, event: RunEvent): void => {
  switch (event.type) {
    case 'RunCompleted':
      endRow(row, event, 'completed');
      row.output = event.output;
      return;
    case 'RunFailed':
      endRow(row, event, 'failed', event.failure);
      return;
    case 'RunRefused':
      endRow(row, event, 'refused', event.failure);
      return;
    case 'RunCanceled':
      endRow(row, event, 'canceled', { code: 'RUN_CANCELED', name: 'RunCanceledError', message: event.reason });
      return;
    case 'RunTerminated':
      endRow(row, event, 'terminated', { code: 'RUN_TERMINATED', name: 'RunTerminated', message: event.reason });
      return;
    case 'RunArchived':
      row.outcome = event.outcome;
      row.closedAt = event.closedAt;
      return;
    default:
  }
};

const endRow = (row: DraftRow, event: RunEvent, outcome: NonNullable<DraftRow['outcome']>, failure?: Failure): void => {
  Object.assign(row, { outcome, closedAt: event.at, failure, nextTryAt: undefined });
};

/** A retried run is open again, and what its code asked for because of the failure is gone (rule 14). */
const withdraw = (row: DraftRow, event: EventOf<'RunRetried'>): void => {
  Object.assign(row, { outcome: undefined, closedAt: undefined, failure: undefined });
  for (const number of event.withdrawn) {
    row.jobs.delete(number);
    row.attempts.delete(number);
    row.timers.delete(number);
    row.children.delete(number);
  }
};

const openJob = (number: number, app: string, name: string, scheduledAt: number): JobRow => ({
  number,
  app,
  name,
  scheduledAt,
  generation: 1,
  state: 'open',
});

const foldJobEvent = (row: DraftRow, event: RunEvent): void => {
  switch (event.type) {
    case 'JobScheduled':
      row.jobs.set(event.number, openJob(event.number, event.app, event.job, event.at));
      return;
    case 'JobSucceeded':
    case 'JobCanceled':
      row.jobs.delete(event.job);
      row.attempts.delete(event.job);
      return;
    case 'JobHeld':
    case 'JobFailed': {
      const job = row.jobs.get(event.job);
      if (job === undefined) return;
      const ended = { ...job, generation: event.generation, attempts: event.attempts, failure: event.failure };
      row.jobs.set(event.job, { ...ended, state: event.type === 'JobHeld' ? 'held' : 'failed' });
      return;
    }
    case 'JobRetried': {
      const job = row.jobs.get(event.job);
      if (job !== undefined)
        row.jobs.set(event.job, { ...openJob(job.number, job.app, job.name, job.scheduledAt), generation: event.generation });
      return;
    }
    default:
  }
};

const foldWaitEvent = (row: DraftRow, event: RunEvent): void => {
  switch (event.type) {
    case 'TimerStarted':
      row.timers.set(event.number, { number: event.number, name: event.name, dueAt: event.dueAt });
      return;
    case 'TimerFired':
    case 'TimerCanceled':
      row.timers.delete(event.timer);
      return;
    case 'ChildStarted':
      row.children.set(event.number, {
        number: event.number,
        run: event.run,
        workflow: event.workflow,
        attached: event.attached,
        generation: 1,
        state: 'open',
      });
      return;
    case 'ChildClosed': {
      const child = row.children.get(event.child);
      if (event.outcome === 'completed' || child === undefined) row.children.delete(event.child);
      else row.children.set(event.child, { ...child, generation: event.generation, state: 'failed' });
      return;
    }
    case 'ChildRetried': {
      const child = row.children.get(event.child);
      if (child !== undefined) row.children.set(event.child, { ...child, generation: event.generation, state: 'open' });
      return;
    }
    case 'RunContinued':
      row.jobs.clear();
      row.attempts.clear();
      row.timers.clear();
      for (const child of row.children.values()) if (child.attached) row.children.delete(child.number);
      return;
    default:
  }
};

const forgetWaits = (row: DraftRow): void => {
  row.jobs.clear();
  row.timers.clear();
  row.children.clear();
  row.attempts.clear();
};
