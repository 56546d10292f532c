// What a golden file of a history holds.
import type { Commit } from '../../src/protocol/commit.ts';

/** A history that was written once. */
export interface GoldenHistory {
  readonly commits: readonly Commit[];
  /** What each commit promised: topics, ids, and the times of what was due later. */
  readonly outboxes: readonly (readonly string[])[];
}
