// Copies of runs that an owner keeps: an optimisation that rule 1 fences, dropped whenever it may be wrong.
import type { Commit } from '../../protocol/commit.ts';
import { replayCommits } from '../../engine/evolve/evolve.ts';
import type { RunState } from '../../engine/run/run-state.ts';

/** A copy of a run, with what is known of the copy itself. */
export interface RunCopy {
  readonly state: RunState;
  /** The state was the newest at this moment: mail that arrived before it has been answered by it (rule 5). */
  freshAt: number;
  /** When it was loaded or last appended to, in milliseconds since the epoch (rule 2). */
  confirmedAt: number;
  /** Version whose outbox this process saw answered (rule 4). */
  publishedVersion: number;
  /** Newest commit and its JSON, to derive its outbox from. */
  newest: { readonly commit: Commit; readonly text: string } | undefined;
}

/** Copies of runs, the least used of them dropped. */
export class RunCache {
  readonly #copies = new Map<string, RunCopy>();
  readonly #limit: number;
  readonly #maxAgeMs: number;

  /** @param maxAgeMs - an older copy is not used any more */
  constructor(limit: number, maxAgeMs: number) {
    this.#limit = limit;
    this.#maxAgeMs = maxAgeMs;
  }

  get(run: string, now: number): RunCopy | undefined {
    const copy = this.#copies.get(run);
    if (!copy) return undefined;
    this.#copies.delete(run);
    if (now - copy.confirmedAt > this.#maxAgeMs) return undefined;
    this.#copies.set(run, copy);
    return copy;
  }

  /** Folds what was loaded into a copy. @param moment - when the read was begun */
  put(run: string, commits: readonly Commit[], moment: number, now: number): RunCopy {
    const commit = commits.at(-1);
    const copy: RunCopy = {
      state: replayCommits(run, commits),
      freshAt: moment,
      confirmedAt: now,
      publishedVersion: 0,
      newest: commit && { commit, text: JSON.stringify(commit) },
    };
    this.#copies.set(run, copy);
    if (this.#copies.size > this.#limit) {
      const [oldest] = this.#copies.keys();
      if (oldest !== undefined) this.#copies.delete(oldest);
    }
    return copy;
  }

  get size(): number {
    return this.#copies.size;
  }

  drop(run: string): void {
    this.#copies.delete(run);
  }
}
