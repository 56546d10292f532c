// Knows where every commit of every run lies, in a few bytes each: a run is the number of its newest entry, each entry names the one before.
import type { Placed } from '../journal/journal-format.ts';

/** A commit without its text. */
export interface IndexedCommit {
  readonly version: number;
  /** When it was made, milliseconds since the epoch. */
  readonly at: number;
  /** It is the tombstone of an archived run. */
  readonly archived: boolean;
  readonly placed: Placed;
}

const FIRST_CAPACITY = 1024;
const NONE = -1;

const grow = <A extends Float64Array | Uint32Array | Int32Array | Uint8Array>(array: A, grown: A): A => {
  grown.set(array);
  return grown;
};

/** Commits by run and version. */
export class CommitIndex {
  readonly #newest = new Map<string, number>();
  #versions = new Float64Array(FIRST_CAPACITY);
  #ats = new Float64Array(FIRST_CAPACITY);
  #places = new Float64Array(FIRST_CAPACITY);
  #lengths = new Uint32Array(FIRST_CAPACITY);
  #archived = new Uint8Array(FIRST_CAPACITY);
  /** Entry of the next lower version of the run; of free entries, the next free one. */
  #before = new Int32Array(FIRST_CAPACITY);
  #free = NONE;
  #used = 0;

  /** How many runs are known. */
  get runs(): number {
    return this.#newest.size;
  }

  find(run: string, version: number): IndexedCommit | undefined {
    const entry = this.#locate(run, version);
    return entry === NONE ? undefined : this.#describe(entry);
  }

  findNewest(run: string): IndexedCommit | undefined {
    const entry = this.#newest.get(run);
    return entry === undefined ? undefined : this.#describe(entry);
  }

  /** All commits of a run, oldest first. */
  list(run: string): readonly IndexedCommit[] {
    const found: IndexedCommit[] = [];
    for (let entry = this.#newest.get(run) ?? NONE; entry !== NONE; entry = this.#before[entry] ?? NONE) found.push(this.#describe(entry));
    return found.reverse();
  }

  /** Adds a commit whose version is free. */
  add(run: string, commit: IndexedCommit): void {
    const entry = this.#take();
    this.#versions[entry] = commit.version;
    this.#ats[entry] = commit.at;
    this.#archived[entry] = commit.archived ? 1 : 0;
    this.#places[entry] = commit.placed.place;
    this.#lengths[entry] = commit.placed.length;
    let above = NONE;
    let below = this.#newest.get(run) ?? NONE;
    while (below !== NONE && (this.#versions[below] ?? 0) > commit.version) {
      above = below;
      below = this.#before[below] ?? NONE;
    }
    this.#before[entry] = below;
    if (above === NONE) this.#newest.set(run, entry);
    else this.#before[above] = entry;
  }

  /** Takes note that a commit lies elsewhere now. */
  move(run: string, version: number, placed: Placed): void {
    const entry = this.#locate(run, version);
    if (entry === NONE) return;
    this.#places[entry] = placed.place;
    this.#lengths[entry] = placed.length;
  }

  remove(run: string, version: number): void {
    let above = NONE;
    let entry = this.#newest.get(run) ?? NONE;
    while (entry !== NONE && this.#versions[entry] !== version) {
      above = entry;
      entry = this.#before[entry] ?? NONE;
    }
    if (entry === NONE) return;
    const below = this.#before[entry] ?? NONE;
    if (above !== NONE) this.#before[above] = below;
    else if (below !== NONE) this.#newest.set(run, below);
    else this.#newest.delete(run);
    this.#before[entry] = this.#free;
    this.#free = entry;
  }

  #locate(run: string, version: number): number {
    let entry = this.#newest.get(run) ?? NONE;
    while (entry !== NONE && (this.#versions[entry] ?? 0) > version) entry = this.#before[entry] ?? NONE;
    return entry !== NONE && this.#versions[entry] === version ? entry : NONE;
  }

  #describe(entry: number): IndexedCommit {
    return {
      version: this.#versions[entry] ?? 0,
      at: this.#ats[entry] ?? 0,
      archived: this.#archived[entry] === 1,
      placed: { place: this.#places[entry] ?? 0, length: this.#lengths[entry] ?? 0 },
    };
  }

  #take(): number {
    if (this.#free !== NONE) {
      const entry = this.#free;
      this.#free = this.#before[entry] ?? NONE;
      return entry;
    }
    if (this.#used === this.#versions.length) this.#grow(this.#used * 2);
    return this.#used++;
  }

  #grow(capacity: number): void {
    this.#versions = grow(this.#versions, new Float64Array(capacity));
    this.#ats = grow(this.#ats, new Float64Array(capacity));
    this.#places = grow(this.#places, new Float64Array(capacity));
    this.#lengths = grow(this.#lengths, new Uint32Array(capacity));
    this.#archived = grow(this.#archived, new Uint8Array(capacity));
    this.#before = grow(this.#before, new Int32Array(capacity));
  }
}
