// What can be set on a connector, with what holds when nothing is.
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/** Settings of a connector. All times in milliseconds. */
export interface ConnectorSettings {
  /** Raised when a deployment is restored from backup; part of every id made from later commits. */
  readonly epoch: number;
  /** Version of the messages and commits that are written: the one before, while connectors of the release before still read (rule 7). */
  readonly writeVersion: number;
  /** Runs of two tenants are never decided in one invocation: their values are sealed under keys of their own. */
  readonly separateTenants: boolean;
  /** Partitions of `inbox`, fixed for the life of a namespace. */
  readonly inboxPartitions: number;
  /** Messages of one partition of `inbox` that are read ahead. */
  readonly inboxPrefetch: number;
  /** Messages of a job's queue that are in flight at once, unless the job has a bound of its own. */
  readonly jobPrefetch: number;
  /** Attempts that run at once, of all functions. */
  readonly attemptsInFlight: number;
  /** Share of the memory that this process may use, from which on attempts run one at a time. */
  readonly memoryShareLimit: number;
  /** Above this many waiting messages a run accepts without deciding. */
  readonly mailboxLimit: number;
  /** Most messages that one commit takes; 2 or more, so that a commit that takes a Wake and derives one moves on. */
  readonly commitMessages: number;
  /** Most bytes of the messages that one commit takes: with those of a decision, it still fits into a message of the bus. */
  readonly commitBytes: number;
  /** Places that decisions are sent to, by run; a live run is found again at the same place. */
  readonly decisionSlots: number;
  /** Invocations in flight per place. */
  readonly decisionsInFlight: number;
  /** Most runs, and most characters, of one decision invocation. */
  readonly decisionBatchRuns: number;
  readonly decisionBatchCharacters: number;
  /** Longest time of one decision invocation: a little more than one run's code may compute (rule 9). */
  readonly decisionTimeoutMs: number;
  /** Deadline of calls to the bus and the stores. */
  readonly callTimeoutMs: number;
  /** Due within this: on the bus. Later: in the timer store. */
  readonly timerHorizonMs: number;
  /** Due within this: held by the timer-service. */
  readonly timerHoldMs: number;
  readonly moverIntervalMs: number;
  readonly ackIntervalMs: number;
  readonly usageIntervalMs: number;
  /** A copy of a run loaded or appended longer ago is loaded again before an append (rule 2). */
  readonly copyAgeMs: number;
  /** Copies of runs kept. */
  readonly cachedRuns: number;
  /** A first attempt younger than this runs unchecked (rule 12). */
  readonly freshMs: number;
  /** Added to an attempt's timeout for its lease. */
  readonly leaseMarginMs: number;
  readonly completedRetentionMs: number;
  readonly failedRetentionMs: number;
  /** A connector that is stopped finishes what is in hand for this long. */
  readonly drainMs: number;
  /** An attempt that runs this long is noticed on `history`. */
  readonly runningNoticeMs: number;
}

const DAY_MS = 24 * 3600_000;

/** What holds when nothing is set. */
export const defaultSettings: ConnectorSettings = {
  epoch: 0,
  writeVersion: PROTOCOL_VERSION,
  separateTenants: false,
  inboxPartitions: 64,
  inboxPrefetch: 1000,
  jobPrefetch: 256,
  attemptsInFlight: 2000,
  memoryShareLimit: 0.85,
  mailboxLimit: 256,
  commitMessages: 1000,
  commitBytes: 1_000_000,
  decisionSlots: 1,
  decisionsInFlight: 2,
  decisionBatchRuns: 100,
  decisionBatchCharacters: 2_000_000,
  decisionTimeoutMs: 6000,
  callTimeoutMs: 10_000,
  timerHorizonMs: 120_000,
  timerHoldMs: 2000,
  moverIntervalMs: 30_000,
  ackIntervalMs: 50,
  usageIntervalMs: 50,
  copyAgeMs: 3600_000,
  cachedRuns: 20_000,
  freshMs: 5000,
  leaseMarginMs: 10_000,
  completedRetentionMs: DAY_MS,
  failedRetentionMs: 30 * DAY_MS,
  drainMs: 25_000,
  runningNoticeMs: 2000,
};
