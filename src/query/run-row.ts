// What the projection knows of one run: what lists show, what the run waits for, and where its commits are to be read again.
import type { RunStatus } from '../protocol/commit.ts';
import type { Parent, RunOutcome } from '../protocol/events.ts';
import type { Failure, Payload } from '../protocol/payload.ts';
import type { EpochSpan } from './branches.ts';

/** The newest attempt of a job that was heard of. `later`: its answer comes by token. */
export interface AttemptRow {
  readonly run: string;
  readonly job: number;
  readonly generation: number;
  readonly number: number;
  readonly state: 'running' | 'failed' | 'succeeded' | 'later';
  /** Milliseconds since the epoch: when it began, or ended. */
  readonly at: number;
}

/** A job that the run waits for, or that failed and may be retried. */
export interface JobRow {
  readonly number: number;
  readonly name: string;
  readonly app: string;
  readonly generation: number;
  readonly state: 'open' | 'held' | 'failed';
  readonly scheduledAt: number;
  /** Attempts of this generation, where the event that ended them said so. */
  readonly attempts?: number;
  readonly failure?: Failure;
}

/** A timer that the run waits for. */
export interface TimerRow {
  readonly number: number;
  readonly name: string;
  readonly dueAt: number;
}

/** A child that the run waits for, or that failed and may be retried. */
export interface ChildRow {
  readonly number: number;
  readonly run: string;
  readonly workflow: string;
  readonly attached: boolean;
  readonly generation: number;
  readonly state: 'open' | 'failed';
}

/** What became of a request: an event of its own, or a refusal. */
export type RequestAnswer = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** One run as lists and pages show it. */
export interface RunRow {
  readonly run: string;
  readonly app: string;
  readonly workflow: string;
  /** SHA-256 of the first input. */
  readonly inputHash: string;
  readonly deployment: string | undefined;
  readonly status: RunStatus;
  readonly tags: Readonly<Record<string, string>>;
  /** What the run says of itself by `flow.status`. */
  readonly said: unknown;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly closedAt: number | undefined;
  readonly outcome: RunOutcome | undefined;
  readonly output: Payload | undefined;
  /** Why it failed, ended early, was refused or is blocked. */
  readonly failure: Failure | undefined;
  /** When a blocked run is tried next. */
  readonly nextTryAt: number | undefined;
  readonly version: number;
  /** Number of the newest event. */
  readonly eventNumber: number;
  /** Version of the commit that holds the present input; 0 before the start. */
  readonly inputVersion: number;
  /** Signals or a cancel came before the start, and wait for it. */
  readonly expected: boolean;
  readonly parent: Parent | undefined;
  readonly jobs: ReadonlyMap<number, JobRow>;
  readonly timers: ReadonlyMap<number, TimerRow>;
  readonly children: ReadonlyMap<number, ChildRow>;
  /** By event number of the job. */
  readonly attempts: ReadonlyMap<number, AttemptRow>;
  /** By request id. */
  readonly requests: ReadonlyMap<string, RequestAnswer>;
  /** Where the commits are on `history`: position of version v at index v - 1. */
  readonly partition: number;
  readonly positions: readonly number[];
  /** In which epochs they were made: more than one span when tables were restored meanwhile. */
  readonly spans: readonly EpochSpan[];
}

/** A row while it is being made: only the projection changes it. */
export interface DraftRow extends Omit<
  { -readonly [K in keyof RunRow]: RunRow[K] },
  'jobs' | 'timers' | 'children' | 'attempts' | 'requests' | 'positions' | 'spans'
> {
  readonly jobs: Map<number, JobRow>;
  readonly timers: Map<number, TimerRow>;
  readonly children: Map<number, ChildRow>;
  readonly attempts: Map<number, AttemptRow>;
  readonly requests: Map<string, RequestAnswer>;
  readonly positions: number[];
  readonly spans: EpochSpan[];
}

/** A row of a run of which nothing is known but its id. */
export const draftRow = (run: string, partition: number): DraftRow => ({
  run,
  app: '',
  workflow: '',
  inputHash: '',
  deployment: undefined,
  status: 'expected',
  tags: {},
  said: undefined,
  createdAt: 0,
  startedAt: undefined,
  closedAt: undefined,
  outcome: undefined,
  output: undefined,
  failure: undefined,
  nextTryAt: undefined,
  version: 0,
  eventNumber: 0,
  inputVersion: 0,
  expected: false,
  parent: undefined,
  jobs: new Map(),
  timers: new Map(),
  children: new Map(),
  attempts: new Map(),
  requests: new Map(),
  partition,
  positions: [],
  spans: [],
});

/** Whether a moment lies before the tables of this run's newest epoch were put back: what was said of it then may have been lost. */
export const isOfOlderEpoch = (row: Pick<RunRow, 'spans'> | undefined, at: number): boolean => {
  const span = row?.spans.at(-1);
  return span !== undefined && span.epoch > 0 && at < span.at;
};

/** Whether the run has ended; a failed one may still be retried. */
export const hasEnded = (row: RunRow): boolean => row.closedAt !== undefined;

/** Whether there is a run: one that has nothing but refused requests is none. */
export const isThere = (row: RunRow): boolean => row.expected || row.startedAt !== undefined;
