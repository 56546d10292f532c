// Folds events and commits into the state of a run.
import type { Commit } from '../../protocol/commit.ts';
import type { EventOf, RunEvent, RunEventType } from '../../protocol/events.ts';
import { createRunState, WHOLE_HISTORY_BYTES, type RunState } from '../run/run-state.ts';
import { evolveChildren } from './evolve-children.ts';
import { evolveJobs } from './evolve-jobs.ts';
import { evolveRun } from './evolve-run.ts';
import { evolveTimers } from './evolve-timers.ts';
import type { Evolvers } from './evolver.ts';

const evolvers: Evolvers<RunEventType> = { ...evolveRun, ...evolveJobs, ...evolveTimers, ...evolveChildren };

/** What workflow code is told of; the rest is for the engine, or was emitted by the code itself. */
const deliverable: ReadonlySet<RunEventType> = new Set<RunEventType>([
  'RunStarted',
  'RunContinued',
  'RunRetried',
  'JobSucceeded',
  'JobFailed',
  'JobCanceled',
  'TimerFired',
  'ChildClosed',
  'SignalReceived',
  'CancelRequested',
]);

/** Whether an event is delivered to workflow code: it came from outside, not from the code. */
export const isDeliverable = (event: RunEvent): boolean =>
  deliverable.has(event.type) && !('command' in event && event.type !== 'RunContinued');

/** Folds one event into the state, in place. */
export const evolve = (state: RunState, event: RunEvent, epoch: number): void => {
  const evolver: (state: RunState, event: never, epoch: number) => void = evolvers[event.type];
  evolver(state, event as never, epoch);
  if (epoch > (state.epochs.at(-1)?.[1] ?? 0)) state.epochs.push([event.number, epoch]);
  state.lastNumber = event.number;
  state.lastAt = event.at;
  if (event.type === 'RunStarted' || event.type === 'RunContinued') startHistory(state, event);
  state.history?.push(event);
  if (isDeliverable(event)) state.undecided.push(event);
};

/** Signals and a cancel that came before the start stay in front of it; a new beginning leaves everything behind. */
const startHistory = (state: RunState, event: EventOf<'RunStarted' | 'RunContinued'>): void => {
  state.liveCommit = undefined;
  if (event.type === 'RunStarted') return;
  state.history = [];
  state.historyBytes = 0;
  state.undecided = [];
};

/** Whether these messages hold the Wake of the watch entry that is out (rule 17). */
export const isWatchOver = (state: RunState, messages: readonly string[]): boolean =>
  state.watchVersion !== 0 && messages.includes(`wake/${state.watchVersion}/watch`);

/** Folds in that the events evolved since the last commit were committed, in place. */
export const sealCommit = (state: RunState, commit: Commit): void => {
  state.version = commit.version;
  state.lastCommit = { id: commit.id, messages: commit.messages, at: commit.at };
  state.more = commit.more;
  for (const id of commit.messages) if (id.startsWith('wake/') || id.startsWith('archive/')) state.wakes.add(id);
  if (isWatchOver(state, commit.messages)) state.watchVersion = 0;
  if (commit.watchAt !== undefined) state.watchVersion = commit.version;
  if (commit.decided) sealDecision(state, commit);
  for (const event of commit.events) state.historyBytes += sizeOf(event);
  if (state.historyBytes > WHOLE_HISTORY_BYTES) state.history = undefined;
};

const sealDecision = (state: RunState, commit: Commit): void => {
  const continued = commit.events.find((event) => event.type === 'RunContinued');
  state.undecided = continued ? [continued] : [];
  state.decidedUpTo = continued ? continued.number - 1 : state.lastNumber;
  state.liveCommit = continued ? undefined : commit.id;
};

/** A close guess of an event's size in bytes, without writing it out again. */
const sizeOf = (event: RunEvent): number => {
  if ('input' in event) return 200 + sizeOfPayload(event.input);
  if ('output' in event && event.output) return 120 + sizeOfPayload(event.output);
  if ('value' in event) return 120 + sizeOfPayload(event.value);
  return 'failure' in event ? 600 : 120;
};

const sizeOfPayload = (payload: unknown): number => JSON.stringify(payload).length;

/** Folds a whole history. */
export const replayCommits = (run: string, commits: readonly Commit[]): RunState => {
  const state = createRunState(run);
  for (const commit of commits) {
    for (const event of commit.events) evolve(state, event, commit.epoch);
    sealCommit(state, commit);
  }
  return state;
};
