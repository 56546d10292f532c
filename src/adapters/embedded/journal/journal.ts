// The one durable log: records reach the disk in the order in which they were added, many in one write (group commit).
import { join } from 'node:path';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { CancelTimer, Clock } from '../../../ports/clock.ts';
import type { FileLayer, GrowingFile } from '../files/file-layer.ts';
import { makePlace, makeSegmentHeader, nameSegment, offsetOf, RECORD, segmentOf, writeGroupMark, type Placed } from './journal-format.ts';
import { JournalReads } from './journal-reads.ts';
import { recoverJournal, type ReplayRecord } from './journal-recovery.ts';
import { RECORD_HEADER_BYTES, RecordBuffer } from './record-buffer.ts';

/** What the journal stands on. */
export interface JournalOptions {
  readonly layer: FileLayer;
  readonly folder: string;
  readonly clock: Clock;
  /** A segment that has reached this many bytes is closed. */
  readonly segmentBytes: number;
}

/** What others add to a group by themselves. */
export interface JournalHooks {
  /** A segment begins: adds all small state, so that older segments are not needed for it. */
  addState(): void;
  /** A group is about to be written: adds what was only noted so far. */
  completeGroup(): void;
  /** A group is on disk. */
  groupWritten(): void;
}

interface Waiter {
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Group {
  readonly records: RecordBuffer;
  readonly place: number;
  readonly waiters: Waiter[];
}

const FIRST_CAPACITY = 64 * 1024;
const KEPT_CAPACITY = 4 * 1024 * 1024;
/** Writes below this size are helped by room that was reserved, above it they are not. */
const SMALL_WRITE_BYTES = 32 * 1024;
const ROOM_BYTES = 1024 * 1024;
/** Records that nobody waits for are written after this long at the latest. */
const LAZY_WRITE_MS = 50;

/** The journal of one data folder. */
export class Journal {
  readonly reads: JournalReads;
  readonly #options: JournalOptions;
  #hooks: JournalHooks = { addState: () => undefined, completeGroup: () => undefined, groupWritten: () => undefined };
  #records = new RecordBuffer(FIRST_CAPACITY);
  #spare = new RecordBuffer(FIRST_CAPACITY);
  #waiters: Waiter[] = [];
  #writing: Group | undefined;
  #file: GrowingFile | undefined;
  #segment = 1;
  /** Where the waiting records will begin in the segment. */
  #base = 0;
  /** Where the segments before the growing one end. */
  readonly #ends = new Map<number, number>();
  #closedBytes = 0;
  #liveBytes = 0;
  /** Up to here the file has room, or will have soon. */
  #roomUntil = 0;
  #isStateAdded = false;
  #scheduled = false;
  #noted = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #cancelLazyWrite: CancelTimer | undefined;
  #cancelDeadline: CancelTimer | undefined;
  #failure: StarquakeError | undefined;
  #counts = { records: 0, writes: 0, syncs: 0, bytes: 0 };

  constructor(options: JournalOptions) {
    this.#options = options;
    this.reads = new JournalReads(options.layer, options.folder, (place, length) => this.#readUnwritten(place, length));
  }

  /**
   * Replays what is on disk and goes on from there.
   *
   * @throws DATA_CORRUPT
   */
  async open(replay: ReplayRecord, report: (error: unknown, doing: string) => void): Promise<void> {
    const { layer, folder } = this.#options;
    await layer.makeFolder(folder);
    const recovered = await recoverJournal({ layer, folder, replay, report });
    this.#segment = recovered.lastSegment;
    this.#base = recovered.end;
    for (const [segment, end] of recovered.ends) this.#closeSegment(segment, end);
    this.reads.beginAt(recovered.firstSegment);
    if (recovered.end > 0) this.#file = await layer.openToGrow(join(folder, nameSegment(recovered.lastSegment)), recovered.end);
  }

  /** Sets what is asked when segments begin and groups are written. */
  attach(hooks: JournalHooks): void {
    this.#hooks = hooks;
  }

  /** Number of the segment that grows now. */
  get segment(): number {
    return this.#segment;
  }

  /** Bytes in all segments. */
  get bytes(): number {
    return this.#closedBytes + this.#base + this.#records.length;
  }

  /** Bytes of records that are still needed. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Takes note that a record is needed. */
  keep(length: number): void {
    this.#liveBytes += length;
  }

  /** Takes note that a record is not needed any more. */
  release(length: number): void {
    this.#liveBytes -= length;
  }

  /** What was done since it was opened. */
  get counts(): Readonly<{ records: number; writes: number; syncs: number; bytes: number }> {
    return this.#counts;
  }

  /**
   * Adds a record. It is written with the next group, at the latest 50 ms from now; `settle` waits for that.
   *
   * @throws STORE_FAILED when an earlier write has failed, or after closing
   */
  add(type: number, write: (payload: RecordBuffer) => void): Placed {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#records.length === 0) this.#beginGroup();
    const start = this.#records.length;
    this.#records.addRecord(type, write);
    this.#counts.records++;
    this.noteLazily();
    return { place: makePlace(this.#segment, this.#base + start), length: this.#records.length - start };
  }

  /** Adds the payload of a whole record anew. */
  addCopy(type: number, record: Buffer): Placed {
    return this.add(type, (payload) => payload.addBytes(record.subarray(RECORD_HEADER_BYTES)));
  }

  /** Has `completeGroup` asked within 50 ms though nothing was added. */
  noteLazily(): void {
    this.#noted = true;
    if (!this.#scheduled && this.#writing === undefined) this.#cancelLazyWrite ??= this.#startLazyWrite();
  }

  /**
   * Resolves when all that was added so far is on disk.
   *
   * @throws STORE_FAILED
   * @throws CALL_TIMED_OUT
   */
  settle(timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiters = this.#records.length > 0 ? this.#waiters : this.#writing?.waiters;
    if (waiters === undefined) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const deadline = this.#options.clock.now() + timeoutMs;
    waiters.push({ deadline, resolve, reject });
    this.#cancelDeadline ??= this.#watchDeadlines(deadline);
    this.#schedule();
    return promise;
  }

  /** Resolves when nothing is left to write, and refuses whatever comes after. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#addFinalMark();
      this.#idle = Promise.withResolvers<void>();
      this.#schedule();
      if (this.#writing !== undefined || this.#records.length > 0) await this.#idle.promise;
      this.#failure ??= new StarquakeError('STORE_FAILED', 'The store is closed.');
    }
    this.#cancelLazyWrite?.();
    this.#cancelDeadline?.();
    await this.#file?.close();
    await this.reads.close();
  }

  /** Where a closed segment ends. */
  endOf(segment: number): number {
    return this.#ends.get(segment) ?? 0;
  }

  /** Deletes the oldest segment, of which nothing counts any more. */
  async removeFirst(): Promise<void> {
    const segment = this.reads.firstSegment;
    await this.reads.removeFirst();
    this.#closedBytes -= this.endOf(segment);
    this.#ends.delete(segment);
  }

  /** A mark behind the last record shows at the next open that all before it had been synced. */
  #addFinalMark(): void {
    if (this.#records.length > 0) this.#hooks.completeGroup();
    if (this.#records.length === 0 && this.#base === 0) return;
    this.#records.addRecord(RECORD.group, writeGroupMark(makePlace(this.#segment, this.#base + this.#records.length)));
  }

  #closeSegment(segment: number, end: number): void {
    this.#ends.set(segment, end);
    this.#closedBytes += end;
  }

  #beginGroup(): void {
    let begins = this.#base === 0;
    if (this.#base >= this.#options.segmentBytes) {
      this.#closeSegment(this.#segment, this.#base);
      this.#segment++;
      this.#base = 0;
      begins = true;
    }
    if (begins) this.#records.addBytes(makeSegmentHeader(this.#segment, this.#ends.get(this.#segment - 1) ?? 0));
    this.#records.addRecord(RECORD.group, writeGroupMark(makePlace(this.#segment, this.#base + this.#records.length)));
    // After opening as well: the first group of the last segment may be the one that was torn.
    if (begins || !this.#isStateAdded) this.#hooks.addState();
    this.#isStateAdded = true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing !== undefined || this.#records.length === 0) return;
    this.#scheduled = true;
    this.#options.layer.soon(() => void this.#writeGroup().catch((error: unknown) => this.#fail(error)));
  }

  async #writeGroup(): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#cancelLazyWrite?.();
    this.#cancelLazyWrite = undefined;
    this.#hooks.completeGroup();
    this.#scheduled = false;
    this.#noted = false;
    const group: Group = { records: this.#records, place: makePlace(this.#segment, this.#base), waiters: this.#waiters };
    this.#writing = group;
    this.#base += group.records.length;
    this.#records = this.#spare;
    this.#waiters = [];
    if (offsetOf(group.place) === 0) await this.#beginFile(segmentOf(group.place));
    await this.#file?.append(group.records.view());
    this.#finishGroup(group);
  }

  async #beginFile(segment: number): Promise<void> {
    const { layer, folder } = this.#options;
    await this.#file?.close();
    this.#file = await layer.create(join(folder, nameSegment(segment)));
    await layer.syncFolder(folder);
  }

  #finishGroup(group: Group): void {
    this.#counts.writes++;
    this.#counts.syncs++;
    this.#counts.bytes += group.records.length;
    this.#writing = undefined;
    this.#spare = group.records.capacity > KEPT_CAPACITY ? new RecordBuffer(FIRST_CAPACITY) : group.records;
    this.#spare.cutTo(0);
    for (const waiter of group.waiters) waiter.resolve();
    this.#hooks.groupWritten();
    this.#reserveRoom(offsetOf(group.place) + group.records.length, group.records.length);
    if (this.#waiters.length > 0 || this.#idle !== undefined) this.#schedule();
    else if (this.#noted) this.noteLazily();
    if (this.#records.length === 0) this.#idle?.resolve();
  }

  /** While writes are small they are waited for one by one: room that is there already makes each of them quicker. */
  #reserveRoom(end: number, written: number): void {
    if (end === written) this.#roomUntil = 0;
    const { segmentBytes } = this.#options;
    const room = Math.min(ROOM_BYTES, segmentBytes);
    const isWorthIt = written < SMALL_WRITE_BYTES && end + room / 4 > this.#roomUntil && end < segmentBytes;
    if (!isWorthIt || this.#file === undefined || this.#failure !== undefined) return;
    this.#roomUntil = Math.max(end, this.#roomUntil) + room;
    this.#file.reserve(room).catch((error: unknown) => this.#fail(error));
  }

  /** After a failed write nobody knows what is on disk: the store is done for, and the next open finds out. */
  #fail(cause: unknown): void {
    const failure = new StarquakeError('STORE_FAILED', `The journal in ${this.#options.folder} cannot be written; open the store again.`, {
      cause,
    });
    this.#failure = failure;
    for (const waiter of [...(this.#writing?.waiters ?? []), ...this.#waiters]) waiter.reject(failure);
    this.#waiters = [];
    this.#idle?.resolve();
  }

  #startLazyWrite(): CancelTimer {
    return this.#options.clock.setTimer(this.#options.clock.now() + LAZY_WRITE_MS, () => {
      this.#cancelLazyWrite = undefined;
      if (this.#failure === undefined) this.#hooks.completeGroup();
      this.#schedule();
    });
  }

  #watchDeadlines(at: number): CancelTimer {
    return this.#options.clock.setTimer(at, () => {
      this.#cancelDeadline = undefined;
      const now = this.#options.clock.now();
      const waiting = [...(this.#writing?.waiters ?? []), ...this.#waiters];
      const late = new StarquakeError('CALL_TIMED_OUT', `The disk did not take a write to ${this.#options.folder} in time.`);
      // A waiter that gave up stays in its group: resolving it later does nothing.
      for (const waiter of waiting) if (waiter.deadline <= now) waiter.reject(late);
      const next = Math.min(...waiting.map((waiter) => waiter.deadline).filter((deadline) => deadline > now));
      if (Number.isFinite(next)) this.#cancelDeadline = this.#watchDeadlines(next);
    });
  }

  #readUnwritten(place: number, length: number): Buffer | undefined {
    for (const group of [this.#writing, { records: this.#records, place: makePlace(this.#segment, this.#base) }]) {
      if (group === undefined || segmentOf(group.place) !== segmentOf(place) || place < group.place) continue;
      const from = place - group.place;
      if (from + length <= group.records.length) return Buffer.from(group.records.view(from, from + length));
    }
    return undefined;
  }
}
