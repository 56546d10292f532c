// The simple read side: one row per run in memory, made from `history` and the same whatever comes twice or out of order (rule 22).
import type { Commit } from '../protocol/commit.ts';
import type { Clock } from '../ports/clock.ts';
import { findEpoch, isLost, selectStanding } from './branches.ts';
import { foldCommit } from './fold-commit.ts';
import type { Refusal } from './history-message.ts';
import { listRuns, type RunFilter, type RunPage } from './list-runs.ts';
import { createRunOrder } from './run-order.ts';
import { draftRow, hasEnded, isOfOlderEpoch, isThere, type AttemptRow, type DraftRow, type RequestAnswer, type RunRow } from './run-row.ts';

/** Where a commit is on `history`. */
export interface StreamPlace {
  readonly partition: number;
  readonly position: number;
}

/** What just became known of a run. */
export type RunNews =
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'attempt'; readonly attempt: AttemptRow }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** How long to wait: until `timeoutMs` are over, or `signal` is aborted. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A run of which commits were lost: the row shows them until it is mended with those that stand. */
export interface TornRow {
  readonly run: string;
  readonly partition: number;
  /** Where the commits are that are needed to fold the row anew, in order of version. */
  readonly positions: readonly number[];
}

/** Rows of runs, and what can be asked of them. */
export interface Projection {
  /** Takes a commit. One of a higher epoch at a version that is known tears the row: what it knew from there on was lost in a restore. */
  apply(commit: Commit, at: StreamPlace): void;
  /** Rows of a partition that wait to be mended. */
  listTorn(partition: number): readonly TornRow[];
  /**
   * Folds a torn row anew.
   *
   * @param commits - those that lie at its positions
   */
  mend(run: string, commits: readonly Commit[]): void;
  applyRefusal(refusal: Refusal): void;
  applyAttempt(attempt: AttemptRow): void;
  find(run: string): RunRow | undefined;
  list(filter: RunFilter): RunPage;
  /** Calls back with all that becomes known of a run from now on; returns how to stop. */
  watch(run: string, listener: (news: RunNews) => void): () => void;
  /** What `look` finds, asked now and at each news of the run; undefined when the wait was over before. */
  waitUntil<T>(run: string, look: () => T | undefined, options: WaitOptions): Promise<T | undefined>;
  /** The row once the run has ended; what is known of it when the wait is over. */
  awaitRun(run: string, options: WaitOptions): Promise<RunRow | undefined>;
  /** What became of a request; undefined when the wait was over before. */
  awaitRequest(run: string, requestId: string, options: WaitOptions): Promise<RequestAnswer | undefined>;
}

/** A commit that came before an earlier one of its run, and waits for it. */
interface EarlyCommit {
  readonly commit: Commit;
  readonly at: StreamPlace;
}

/** A torn row, and what has come since. */
interface Torn extends TornRow {
  readonly waiting: EarlyCommit[];
}

type Listener = (news: RunNews) => void;

/** How many refusals are remembered that belong to no commit. */
const REFUSALS_KEPT = 10_000;

class MemoryProjection implements Projection {
  readonly #clock: Clock;
  readonly #rows = new Map<string, DraftRow>();
  readonly #order = createRunOrder();
  readonly #early = new Map<string, Map<number, EarlyCommit>>();
  readonly #torn = new Map<string, Torn>();
  /** Attempts of runs of which no commit was seen yet. */
  readonly #strays = new Map<string, AttemptRow[]>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  apply(commit: Commit, at: StreamPlace): void {
    const torn = this.#torn.get(commit.run);
    if (torn !== undefined) {
      torn.waiting.push({ commit, at });
      return;
    }
    const row = this.#rows.get(commit.run) ?? draftRow(commit.run, at.partition);
    if (isLost(row.spans, commit)) return;
    if (commit.version > row.version) this.#take(row, { commit, at }, true);
    else if (findEpoch(row.spans, commit.version) !== commit.epoch) this.#tear(row, { commit, at });
  }

  /** Folds a commit, and all that waited for it; one that comes early waits. */
  #take(row: DraftRow, taken: EarlyCommit, isNews: boolean): void {
    const early = this.#early.get(row.run) ?? new Map<number, EarlyCommit>();
    const { version, epoch } = taken.commit;
    const other = early.get(version);
    if (other === undefined || other.commit.epoch < epoch) early.set(version, taken);
    for (let next = early.get(row.version + 1); next !== undefined; next = early.get(row.version + 1)) {
      early.delete(next.commit.version);
      if (!isLost(row.spans, next.commit)) this.#fold(row, next, isNews);
    }
    if (early.size === 0) this.#early.delete(row.run);
    else this.#early.set(row.run, early);
  }

  #fold(row: DraftRow, { commit, at }: EarlyCommit, isNews: boolean): void {
    const isNew = row.version === 0;
    foldCommit(row, commit);
    row.positions.push(at.position);
    if (isNew) {
      this.#rows.set(row.run, row);
      this.#order.add(row);
      for (const attempt of this.#strays.get(row.run) ?? []) noteAttempt(row, attempt);
      this.#strays.delete(row.run);
    }
    if (isNews) this.#tell(row.run, { kind: 'commit', commit });
  }

  /** What the row knows of older epochs from this version on was lost; it takes the others of its commits to say what stands. */
  #tear(row: DraftRow, news: EarlyCommit): void {
    const { run, partition, spans } = row;
    const { version, epoch } = news.commit;
    const positions = row.positions.filter((_, index) => index + 1 < version || (findEpoch(spans, index + 1) ?? 0) >= epoch);
    const waiting = [...(this.#early.get(run)?.values() ?? []), news];
    this.#early.delete(run);
    this.#torn.set(run, { run, partition, positions, waiting });
    if (positions.length === 0) this.mend(run, []);
  }

  listTorn(partition: number): readonly TornRow[] {
    return [...this.#torn.values()].filter((torn) => torn.partition === partition);
  }

  mend(run: string, commits: readonly Commit[]): void {
    const torn = this.#torn.get(run);
    if (torn === undefined) return;
    const { partition, positions, waiting } = torn;
    const old = this.#rows.get(run);
    if (old !== undefined) this.#order.remove(old);
    this.#rows.delete(run);
    this.#torn.delete(run);
    const row = draftRow(run, partition);
    const known = commits.map((commit, index) => ({ commit, at: { partition, position: positions[index] ?? 0 } }));
    const news = new Set<EarlyCommit>(waiting);
    for (const one of selectStanding([...known, ...waiting])) this.#take(row, one, news.has(one));
    for (const attempt of old?.attempts.values() ?? []) noteAttempt(row, attempt);
  }

  applyAttempt(attempt: AttemptRow): void {
    const row = this.#rows.get(attempt.run);
    if (row === undefined) this.#strays.set(attempt.run, [...(this.#strays.get(attempt.run) ?? []), attempt]);
    else noteAttempt(row, attempt);
    this.#tell(attempt.run, { kind: 'attempt', attempt });
  }

  applyRefusal(refusal: Refusal): void {
    this.#refusals.set(`${refusal.run} ${refusal.requestId}`, refusal);
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > REFUSALS_KEPT && oldest !== undefined) this.#refusals.delete(oldest);
    this.#tell(refusal.run, { kind: 'refusal', refusal });
  }

  #tell(run: string, news: RunNews): void {
    for (const listener of this.#listeners.get(run) ?? []) listener(news);
  }

  find(run: string): RunRow | undefined {
    const row = this.#rows.get(run);
    return row !== undefined && isThere(row) ? row : undefined;
  }

  list(filter: RunFilter): RunPage {
    return listRuns(this.#order, filter);
  }

  watch(run: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(run) ?? new Set();
    this.#listeners.set(run, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(run) === listeners) this.#listeners.delete(run);
    };
  }

  waitUntil<T>(run: string, look: () => T | undefined, { timeoutMs, signal }: WaitOptions): Promise<T | undefined> {
    const found = look();
    if (found !== undefined || timeoutMs <= 0 || signal?.aborted === true) return Promise.resolve(found);
    return new Promise((resolve) => {
      const end = (answer: T | undefined): void => {
        unwatch();
        cancelTimer();
        signal?.removeEventListener('abort', giveUp);
        resolve(answer);
      };
      const giveUp = (): void => end(undefined);
      const unwatch = this.watch(run, () => {
        const answer = look();
        if (answer !== undefined) end(answer);
      });
      const cancelTimer = this.#clock.setTimer(this.#clock.now() + timeoutMs, giveUp);
      signal?.addEventListener('abort', giveUp);
    });
  }

  async awaitRun(run: string, options: WaitOptions): Promise<RunRow | undefined> {
    const findEnded = (): RunRow | undefined => {
      const row = this.#rows.get(run);
      return row !== undefined && hasEnded(row) ? row : undefined;
    };
    return (await this.waitUntil(run, findEnded, options)) ?? this.#rows.get(run);
  }

  awaitRequest(run: string, requestId: string, options: WaitOptions): Promise<RequestAnswer | undefined> {
    return this.waitUntil(run, () => this.#rows.get(run)?.requests.get(requestId) ?? this.#findRefusal(run, requestId), options);
  }

  #findRefusal(run: string, requestId: string): RequestAnswer | undefined {
    const refusal = this.#refusals.get(`${run} ${requestId}`);
    if (refusal === undefined || (refusal.at !== undefined && isOfOlderEpoch(this.#rows.get(run), refusal.at))) return undefined;
    return { kind: 'refused', code: refusal.code, message: refusal.message };
  }
}

/**
 * An empty projection.
 *
 * @example
 * const projection = createProjection(clock);
 * await followHistory(bus, projection, report);
 * projection.list({ status: 'failed', limit: 20 });
 */
export const createProjection = (clock: Clock): Projection => new MemoryProjection(clock);

/** Keeps the newest attempt of each job that is not done; an end counts more than a beginning. */
const noteAttempt = (row: DraftRow, attempt: AttemptRow): void => {
  if (isOfOlderEpoch(row, attempt.at)) return;
  if (attempt.job <= row.eventNumber && !row.jobs.has(attempt.job)) return;
  const known = row.attempts.get(attempt.job);
  if (known !== undefined && compareAttempts(known, attempt) >= 0) return;
  row.attempts.set(attempt.job, attempt);
};

const compareAttempts = (a: AttemptRow, b: AttemptRow): number =>
  a.generation - b.generation || a.number - b.number || Number(a.state !== 'running') - Number(b.state !== 'running');
