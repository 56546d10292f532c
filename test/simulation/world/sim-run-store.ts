// The histories of runs in the simulated world: put-if-absent per version, and nothing that would forgive a connector more than a real store.
import type { Claim, ClaimOutcome, ClaimRequest } from '../../../src/ports/run-store.ts';
import type { Commit, RunSummary } from '../../../src/protocol/commit.ts';

interface Item {
  readonly text: string;
  readonly archived: boolean;
  readonly summary: RunSummary;
  /** When it was made, in milliseconds since the epoch. */
  readonly madeAt: number;
}

const LOCK_MS = 24 * 3600_000;

/** The run store. */
export class SimRunStore {
  readonly #runs = new Map<string, Map<number, Item>>();
  readonly #claims = new Map<string, Claim>();

  load(run: string): readonly Commit[] {
    const items = this.#sort(run);
    const newest = items.at(-1);
    const kept = newest?.[1].archived === true ? [newest] : items;
    return kept.map(([, { text }]) => JSON.parse(text) as Commit);
  }

  /** @returns whether the version was free */
  append(commit: Commit, text: string, now: number): boolean {
    const items = this.#runs.get(commit.run) ?? new Map<number, Item>();
    if (items.has(commit.version)) return false;
    const { summary, events } = commit;
    this.#runs.set(
      commit.run,
      items.set(commit.version, { text, summary, madeAt: now, archived: events.some(({ type }) => type === 'RunArchived') }),
    );
    return true;
  }

  readSummary(run: string): RunSummary | undefined {
    return this.#sort(run).at(-1)?.[1].summary;
  }

  claim(request: ClaimRequest): ClaimOutcome {
    const { generation, number, claimant, leaseUntil, now } = request;
    const standing = this.readClaim(request);
    if (standing) {
      const later = generation - standing.generation || number - standing.number;
      const leased = !standing.finished && standing.claimant !== claimant && standing.leaseUntil > now;
      if (later < 0 || (later === 0 && standing.finished) || leased) return { kind: 'refused', standing };
    }
    this.#claims.set(nameClaim(request), { generation, number, claimant, leaseUntil, finished: false });
    return { kind: 'granted' };
  }

  readClaim(key: Pick<ClaimRequest, 'run' | 'epoch' | 'job'>): Claim | undefined {
    return this.#claims.get(nameClaim(key));
  }

  finishClaim(request: Omit<ClaimRequest, 'leaseUntil' | 'now'>): boolean {
    const standing = this.readClaim(request);
    if (
      !standing ||
      standing.generation !== request.generation ||
      standing.number !== request.number ||
      standing.claimant !== request.claimant
    )
      return false;
    this.#claims.set(nameClaim(request), { ...standing, finished: true });
    return true;
  }

  prune(run: string, belowVersion: number, now: number): void {
    const items = this.#sort(run);
    for (const [index, [version]] of items.entries()) {
      const successor = items[index + 1];
      if (version < belowVersion && successor && now - successor[1].madeAt >= LOCK_MS) this.#runs.get(run)?.delete(version);
    }
  }

  /** Versions that are kept. */
  countItems(run: string): number {
    return this.#runs.get(run)?.size ?? 0;
  }

  /** Frees a version without any regard for rules, for stores that are to be caught. */
  protected unlock(run: string, version: number): void {
    this.#runs.get(run)?.delete(version);
  }

  #sort(run: string): [number, Item][] {
    return [...(this.#runs.get(run) ?? [])].toSorted(([a], [b]) => a - b);
  }
}

const nameClaim = ({ run, epoch, job }: Pick<ClaimRequest, 'run' | 'epoch' | 'job'>): string => `${epoch}/${run}/${job}`;
