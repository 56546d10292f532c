// The simple read side: one row per run in memory, made from `history` and the same whatever comes twice or out of order (rule 22).
import type { Commit } from '../protocol/commit.ts';
import type { Clock } from '../ports/clock.ts';
import { foldCommit } from './fold-commit.ts';
import type { Refusal } from './history-message.ts';
import { listRuns, type RunFilter, type RunPage } from './list-runs.ts';
import { createRunOrder } from './run-order.ts';
import { draftRow, hasEnded, type AttemptRow, type DraftRow, type RequestAnswer, type RunRow } from './run-row.ts';

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

/** Rows of runs, and what can be asked of them. */
export interface Projection {
  apply(commit: Commit, at: StreamPlace): void;
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

interface Waiting {
  readonly commit: Commit;
  readonly at: StreamPlace;
}

/** How many refusals are remembered that belong to no commit. */
const REFUSALS_KEPT = 10_000;

/**
 * An empty projection.
 *
 * @example
 * const projection = createProjection(clock);
 * await followHistory(bus, projection, report);
 * projection.list({ status: 'failed', limit: 20 });
 */
export const createProjection = (clock: Clock): Projection => {
  const rows = new Map<string, DraftRow>();
  const order = createRunOrder();
  // Commits that came before an earlier one of their run wait here for it.
  const early = new Map<string, Map<number, Waiting>>();
  const attempts = new Map<string, AttemptRow[]>();
  const refusals = new Map<string, RequestAnswer>();
  const listeners = new Map<string, Set<(news: RunNews) => void>>();

  const tell = (run: string, news: RunNews): void => {
    for (const listener of listeners.get(run) ?? []) listener(news);
  };

  const fold = (row: DraftRow, { commit, at }: Waiting): void => {
    const isNew = row.version === 0;
    foldCommit(row, commit);
    row.positions.push(at.position);
    if (isNew) order.add(row);
    tell(row.run, { kind: 'commit', commit });
  };

  const apply = (commit: Commit, at: StreamPlace): void => {
    const row = rows.get(commit.run) ?? draftRow(commit.run, at.partition);
    if (commit.version <= row.version) return;
    const waiting = early.get(commit.run) ?? new Map<number, Waiting>();
    waiting.set(commit.version, { commit, at });
    for (let next = waiting.get(row.version + 1); next !== undefined; next = waiting.get(row.version + 1)) {
      rows.set(commit.run, row);
      waiting.delete(next.commit.version);
      fold(row, next);
      for (const attempt of attempts.get(commit.run) ?? []) noteAttempt(row, attempt);
      attempts.delete(commit.run);
    }
    if (waiting.size === 0) early.delete(commit.run);
    else early.set(commit.run, waiting);
  };

  const applyAttempt = (attempt: AttemptRow): void => {
    const row = rows.get(attempt.run);
    if (row === undefined) attempts.set(attempt.run, [...(attempts.get(attempt.run) ?? []), attempt]);
    else noteAttempt(row, attempt);
    tell(attempt.run, { kind: 'attempt', attempt });
  };

  const applyRefusal = (refusal: Refusal): void => {
    refusals.set(`${refusal.run} ${refusal.requestId}`, { kind: 'refused', code: refusal.code, message: refusal.message });
    const [oldest] = refusals.keys();
    if (refusals.size > REFUSALS_KEPT && oldest !== undefined) refusals.delete(oldest);
    tell(refusal.run, { kind: 'refusal', refusal });
  };

  const watch: Projection['watch'] = (run, listener) => {
    const set = listeners.get(run) ?? new Set();
    listeners.set(run, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0 && listeners.get(run) === set) listeners.delete(run);
    };
  };

  const waitUntil = <T>(run: string, look: () => T | undefined, { timeoutMs, signal }: WaitOptions): Promise<T | undefined> => {
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
      const unwatch = watch(run, () => {
        const answer = look();
        if (answer !== undefined) end(answer);
      });
      const cancelTimer = clock.setTimer(clock.now() + timeoutMs, giveUp);
      signal?.addEventListener('abort', giveUp);
    });
  };

  const findEnded = (run: string): RunRow | undefined => {
    const row = rows.get(run);
    return row !== undefined && hasEnded(row) ? row : undefined;
  };

  return {
    apply,
    applyRefusal,
    applyAttempt,
    find: (run) => rows.get(run),
    list: (filter) => listRuns(order, filter),
    watch,
    waitUntil,
    awaitRun: async (run, options) => (await waitUntil(run, () => findEnded(run), options)) ?? rows.get(run),
    awaitRequest: (run, requestId, options) =>
      waitUntil(run, () => rows.get(run)?.requests.get(requestId) ?? refusals.get(`${run} ${requestId}`), options),
  };
};

/** Keeps the newest attempt of each job that is not done; an end counts more than a beginning. */
const noteAttempt = (row: DraftRow, attempt: AttemptRow): void => {
  if (hasEnded(row) && row.status !== 'failed') return;
  const known = row.attempts.get(attempt.job);
  if (known !== undefined && compareAttempts(known, attempt) >= 0) return;
  row.attempts.set(attempt.job, attempt);
};

const compareAttempts = (a: AttemptRow, b: AttemptRow): number =>
  a.generation - b.generation || a.number - b.number || Number(a.state !== 'running') - Number(b.state !== 'running');
