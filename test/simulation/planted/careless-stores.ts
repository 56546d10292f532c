// Run stores that break one rule each, for the bugs that a connector cannot have without its store.
import type { Commit } from '../../../src/protocol/commit.ts';
import type { ClaimRequest } from '../../../src/ports/run-store.ts';
import { SimRunStore } from '../world/sim-run-store.ts';

const isTombstone = ({ events }: Commit): boolean => events.some(({ type }) => type === 'RunArchived');

/** Appends whatever version it is given. */
export class UncheckedRunStore extends SimRunStore {
  override append(commit: Commit, text: string, now: number): boolean {
    this.unlock(commit.run, commit.version);
    return super.append(commit, text, now);
  }
}

/** Keeps the newest item of a run only; what is older is read from elsewhere, but locks nothing any more. */
export class ForgetfulRunStore extends SimRunStore {
  override append(commit: Commit, text: string, now: number): boolean {
    const newest = this.readSummary(commit.run)?.version ?? 0;
    if (commit.version < newest) this.unlock(commit.run, commit.version);
    return super.append(commit, text, now);
  }
}

/** Writes tombstones whether their version is free or not. */
export class TombstoneRunStore extends SimRunStore {
  override append(commit: Commit, text: string, now: number): boolean {
    if (isTombstone(commit)) this.unlock(commit.run, commit.version);
    return super.append(commit, text, now);
  }
}

/** Finishes whatever claim stands, whoever asks. */
export class LooseClaimsRunStore extends SimRunStore {
  override finishClaim(request: Omit<ClaimRequest, 'leaseUntil' | 'now'>): boolean {
    const standing = this.readClaim(request);
    return standing !== undefined && super.finishClaim({ ...request, ...standing });
  }
}
