// What a run has really come to, whatever any connector believes.
import type { RunState } from '../../../src/engine/run/run-state.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import type { RunEvent } from '../../../src/protocol/events.ts';

/** What a run has come to. */
export interface RunRecord {
  readonly run: string;
  readonly commits: Commit[];
  readonly events: RunEvent[];
  readonly state: RunState;
}
