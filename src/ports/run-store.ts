// The port to the histories of runs: one conditional append per version (rules 1, 2), claims of attempts (rule 12).
import type { Commit, RunSummary } from '../protocol/commit.ts';
import type { CallOptions } from './clock.ts';

/** What an append came to. `conflict`: another commit holds that version. */
export type AppendOutcome = 'appended' | 'conflict';

/** The right to run an attempt that may be a copy. */
export interface Claim {
  readonly generation: number;
  readonly number: number;
  /** Who holds it: a put whose answer was lost knows itself by it. */
  readonly claimant: string;
  readonly leaseUntil: number;
  readonly finished: boolean;
}

/** What a claim came to: `granted`, or the claim that stands in its way. */
export type ClaimOutcome = { readonly kind: 'granted' } | { readonly kind: 'refused'; readonly standing: Claim };

/** One attempt of one job, to be claimed. */
export interface ClaimRequest {
  readonly run: string;
  readonly epoch: number;
  readonly job: number;
  readonly generation: number;
  readonly number: number;
  readonly claimant: string;
  readonly leaseUntil: number;
  readonly now: number;
}

/** Histories of runs. Every read is consistent. */
export interface RunStore {
  /** All commits that are kept, in order of version; for an archived run the tombstone, whose event is RunArchived. Empty when the run is unknown. */
  load(run: string, options: CallOptions): Promise<readonly Commit[]>;
  /** Puts `commit` if its version is free. The item of a version conflicts at least 24 h after the next one was made. `text` is the commit's JSON. */
  append(commit: Commit, text: string, options: CallOptions): Promise<AppendOutcome>;
  /** The summary of the newest commit. */
  readSummary(run: string, options: CallOptions): Promise<RunSummary | undefined>;
  /** Granted unless a higher (generation, number) stands, this one is finished, or another's lease lives at `now`. */
  claim(request: ClaimRequest, options: CallOptions): Promise<ClaimOutcome>;
  /** The claim of a job, if any. */
  readClaim(key: Pick<ClaimRequest, 'run' | 'epoch' | 'job'>, options: CallOptions): Promise<Claim | undefined>;
  /** Marks the claim finished if generation, number and claimant are still its own. */
  finishClaim(request: Omit<ClaimRequest, 'leaseUntil' | 'now'>, options: CallOptions): Promise<boolean>;
  /** Lets go of versions below the tombstone's, each 24 h after its successor was made (rule 2); the tombstone stays. */
  prune(run: string, belowVersion: number, now: number, options: CallOptions): Promise<void>;
}
