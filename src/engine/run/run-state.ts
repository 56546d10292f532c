// What an owner knows of a run: folded from its history, small, and changed in place (a copy that lost its append is dropped).
import type { RunStatus } from '../../protocol/commit.ts';
import type { EventOf, Parent, RunEvent, RunOutcome } from '../../protocol/events.ts';

/** Histories up to this size are kept with the state and sent whole to the decision function (rule 10). */
export const WHOLE_HISTORY_BYTES = 32 * 1024;

/** A job that is not done. */
export interface JobState {
  readonly event: EventOf<'JobScheduled'>;
  /** Epoch of the commit that scheduled it, part of every id made from it. */
  readonly epoch: number;
  generation: number;
  /** Generation that the idempotency key is made of. */
  keyGeneration: number;
  /** When this generation was committed, in milliseconds since the epoch. */
  commitAt: number;
  status: 'open' | 'held' | 'failed';
}

/** A timer that has not fired. */
export interface TimerState {
  readonly event: EventOf<'TimerStarted'>;
  readonly epoch: number;
}

/** A child that has not completed. */
export interface ChildState {
  readonly event: EventOf<'ChildStarted'>;
  readonly epoch: number;
  generation: number;
  status: 'open' | 'closed';
  /** Version that the commit before the one that closed it had. */
  closedAfter: number;
}

/** How a run began: its RunStarted, with what changes later folded in. */
export interface RunHeader {
  readonly app: string;
  readonly workflow: string;
  readonly inputHash: string;
  readonly parent: Parent | undefined;
  readonly traceparent: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  deployment: string | undefined;
  tags: Readonly<Record<string, string>>;
}

/** What an owner knows of a run. */
export interface RunState {
  readonly run: string;
  version: number;
  lastNumber: number;
  lastAt: number;
  header: RunHeader | undefined;
  /** `expected`: messages but no start. `open`: may go on. Else how it ended. */
  phase: 'unknown' | 'expected' | 'open' | RunOutcome | 'archived';
  paused: boolean;
  blocked: { readonly tries: number; readonly since: number } | undefined;
  /** Number of the CancelRequested that counts. */
  canceledAt: number | undefined;
  /** Jobs of lower event numbers were asked for before the code knew of the cancel (rule 15). */
  canceledBefore: number;
  /** Number of the event that closed the run, while it is closed. */
  closedBy: number | undefined;
  lastCommit: { readonly id: string; readonly messages: readonly string[]; readonly at: number } | undefined;
  readonly jobs: Map<number, JobState>;
  readonly timers: Map<number, TimerState>;
  readonly children: Map<number, ChildState>;
  /** Request ids that count once, with the time they were taken at. */
  readonly requests: Map<string, number>;
  /** From which event number on which epoch is; events before the first are of epoch 0. */
  readonly epochs: [from: number, epoch: number][];
  /** Messages without news of their own (Wake, Archive) that a commit has recorded: found again, they are only acked (rule 4). */
  readonly wakes: Set<string>;
  /** Events that workflow code has not been asked about. */
  undecided: RunEvent[];
  decidedUpTo: number;
  more: boolean;
  /** Events of the present beginning (RunStarted or RunContinued on), while they are small enough to be sent whole. */
  history: RunEvent[] | undefined;
  historyBytes: number;
  /** Commit that a function may hold a live run of; none after what a live run cannot follow. */
  liveCommit: string | undefined;
  /** Version whose commit put the watch entry that is out, 0 for none. */
  watchVersion: number;
}

/** @param run - a run of which nothing is known */
export const createRunState = (run: string): RunState => ({
  run,
  version: 0,
  lastNumber: 0,
  lastAt: 0,
  header: undefined,
  phase: 'unknown',
  paused: false,
  blocked: undefined,
  canceledAt: undefined,
  canceledBefore: 0,
  closedBy: undefined,
  lastCommit: undefined,
  jobs: new Map(),
  timers: new Map(),
  children: new Map(),
  requests: new Map(),
  epochs: [],
  wakes: new Set(),
  undecided: [],
  decidedUpTo: 0,
  more: false,
  history: [],
  historyBytes: 0,
  liveCommit: undefined,
  watchVersion: 0,
});

/** The state of a run by its name in protocol.md. */
export const readStatus = (state: RunState): RunStatus => {
  if (state.phase === 'unknown') return 'expected';
  if (state.phase !== 'open') return state.phase;
  if (state.blocked) return 'blocked';
  if (state.paused) return 'paused';
  return state.canceledAt === undefined ? 'running' : 'canceling';
};

/** Closed so that nothing is recorded any more (a failed run can be retried, so it still records). */
export const isClosedForGood = (state: RunState): boolean =>
  state.phase === 'completed' ||
  state.phase === 'canceled' ||
  state.phase === 'terminated' ||
  state.phase === 'refused' ||
  state.phase === 'archived';

/** Whether workflow code may be asked now; a blocked run is asked at each try. */
export const mayDecide = (state: RunState): boolean => state.phase === 'open' && !state.paused && !state.blocked;

/** Whether workflow code has something to be asked about. */
export const hasToDecide = (state: RunState): boolean => state.more || state.undecided.length > 0;
