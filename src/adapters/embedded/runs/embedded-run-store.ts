// The histories of runs on the journal: an index in memory says where each commit lies, and that is the lock as well.
import { parseCommit, type Commit, type RunSummary } from '../../../protocol/commit.ts';
import type { CallOptions } from '../../../ports/clock.ts';
import type { AppendOutcome, Claim, ClaimOutcome, ClaimRequest, RunStore } from '../../../ports/run-store.ts';
import { ClaimTable, isSameClaim, judgeClaim, type ClaimKey, type KeptClaim } from './claim-table.ts';
import { CommitIndex, type IndexedCommit } from './commit-index.ts';
import { RECORD, type Placed } from '../journal/journal-format.ts';
import type { Journal } from '../journal/journal.ts';
import { RecordReader } from '../journal/record-reader.ts';
import { describeCommit, readClaimRecord, readCommitHead, readPrune, writeClaim, writeCommit, writePrune } from './run-records.ts';

/** A version stays this long after the next one was made (rule 2). */
const LOCK_OUTLIVES_MS = 24 * 60 * 60 * 1000;

/** The embedded run store. */
export class EmbeddedRunStore implements RunStore {
  readonly #journal: Journal;
  readonly #commits = new CommitIndex();
  readonly #claims = new ClaimTable();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** How many runs are known. */
  get runs(): number {
    return this.#commits.runs;
  }

  /** Takes in a record of the journal; answers whether it was one of the run store. */
  replay(type: number, payload: RecordReader, placed: Placed): boolean {
    if (type === RECORD.commit) this.#keepCommit(readCommitHead(payload), placed);
    else if (type === RECORD.prune) this.#removeCommits(readPrune(payload));
    else if (type === RECORD.claim) this.#replayClaim(payload, placed);
    else if (type === RECORD.dropClaims) this.#removeClaims(payload.takeText());
    else return false;
    return true;
  }

  /** Moves a commit or claim that still counts to the journal's head. */
  rescue(type: number, bytes: Buffer, placed: Placed): void {
    if (type === RECORD.commit) this.#rescueCommit(bytes, placed);
    else if (type === RECORD.claim) this.#rescueClaim(bytes, placed);
  }

  async load(run: string, _options: CallOptions): Promise<readonly Commit[]> {
    const commits = this.#commits.list(run);
    const newest = commits.at(-1);
    return this.#read(newest?.archived === true ? [newest] : commits);
  }

  async append(commit: Commit, text: string, options: CallOptions): Promise<AppendOutcome> {
    if (this.#commits.find(commit.run, commit.version) !== undefined) return 'conflict';
    const head = describeCommit(commit);
    const placed = this.#journal.add(RECORD.commit, (payload) => writeCommit(payload, head, text));
    this.#keepCommit(head, placed);
    await this.#journal.settle(options.timeoutMs);
    return 'appended';
  }

  async readSummary(run: string, _options: CallOptions): Promise<RunSummary | undefined> {
    const newest = this.#commits.findNewest(run);
    const [commit] = newest === undefined ? [] : await this.#read([newest]);
    return commit?.summary;
  }

  async claim(request: ClaimRequest, options: CallOptions): Promise<ClaimOutcome> {
    const outcome = judgeClaim(request, this.#claims.find(request));
    if (outcome.kind === 'refused') return outcome;
    const { generation, number, claimant, leaseUntil } = request;
    this.#putClaim(request, { generation, number, claimant, leaseUntil, finished: false });
    await this.#journal.settle(options.timeoutMs);
    return outcome;
  }

  async readClaim(key: ClaimKey, _options: CallOptions): Promise<Claim | undefined> {
    return this.#claims.find(key)?.claim;
  }

  async finishClaim(request: Omit<ClaimRequest, 'leaseUntil' | 'now'>, options: CallOptions): Promise<boolean> {
    const standing = this.#claims.find(request)?.claim;
    if (standing === undefined || !isSameClaim(request, standing)) return false;
    if (!standing.finished) this.#putClaim(request, { ...standing, finished: true });
    await this.#journal.settle(options.timeoutMs);
    return true;
  }

  async prune(run: string, belowVersion: number, now: number, options: CallOptions): Promise<void> {
    const commits = this.#commits.list(run);
    const versions: number[] = [];
    for (const [index, commit] of commits.entries()) {
      const successor = commits[index + 1];
      const isFree = successor !== undefined && now - successor.at >= LOCK_OUTLIVES_MS;
      if (commit.version < belowVersion && isFree) versions.push(commit.version);
    }
    if (versions.length > 0) {
      this.#journal.add(RECORD.prune, (payload) => writePrune(payload, run, versions));
      this.#removeCommits({ run, versions });
    }
    // Once only the tombstone is left no attempt of the run is wanted, so no claim is asked for.
    if (versions.length > 0 && this.#commits.list(run).every((commit) => commit.archived)) {
      this.#journal.add(RECORD.dropClaims, (payload) => payload.addText(run));
      this.#removeClaims(run);
    }
    await this.#journal.settle(options.timeoutMs);
  }

  #rescueCommit(bytes: Buffer, placed: Placed): void {
    const { run, version } = readCommitHead(new RecordReader(bytes));
    if (this.#commits.find(run, version)?.placed.place !== placed.place) return;
    this.#commits.move(run, version, this.#journal.addCopy(RECORD.commit, bytes));
  }

  #rescueClaim(bytes: Buffer, placed: Placed): void {
    const { key, claim } = readClaimRecord(new RecordReader(bytes));
    const kept = this.#claims.find(key);
    if (kept?.placed.place !== placed.place) return;
    this.#claims.set(key, { ...kept, claim, placed: this.#journal.addCopy(RECORD.claim, bytes) });
  }

  #putClaim(key: ClaimKey, claim: Claim): void {
    const { run, epoch, job } = key;
    const placed = this.#journal.add(RECORD.claim, (payload) => writeClaim(payload, key, claim));
    this.#keepClaim({ run, epoch, job }, { claim, placed, inherited: false });
  }

  #replayClaim(payload: RecordReader, placed: Placed): void {
    const { key, claim } = readClaimRecord(payload);
    this.#keepClaim(key, { claim, placed, inherited: true });
  }

  #keepClaim(key: ClaimKey, kept: KeptClaim): void {
    this.#journal.release(this.#claims.find(key)?.placed.length ?? 0);
    this.#journal.keep(kept.placed.length);
    this.#claims.set(key, kept);
  }

  #removeClaims(run: string): void {
    for (const { placed } of this.#claims.drop(run)) this.#journal.release(placed.length);
  }

  #keepCommit({ run, version, at, archived }: Omit<IndexedCommit, 'placed'> & { run: string }, placed: Placed): void {
    // A commit that is there already was moved: it is the same one.
    if (this.#commits.find(run, version) !== undefined) return this.#commits.move(run, version, placed);
    this.#journal.keep(placed.length);
    this.#commits.add(run, { version, at, archived, placed });
  }

  #removeCommits({ run, versions }: { run: string; versions: readonly number[] }): void {
    for (const version of versions) {
      this.#journal.release(this.#commits.find(run, version)?.placed.length ?? 0);
      this.#commits.remove(run, version);
    }
  }

  async #read(commits: readonly IndexedCommit[]): Promise<readonly Commit[]> {
    const records = await this.#journal.reads.read(commits.map(({ placed }) => placed));
    return records.map((record) => {
      const payload = new RecordReader(record);
      readCommitHead(payload);
      return parseCommit(payload.takeText());
    });
  }
}
