// Keeps the journal small: what still counts in its oldest segment moves to the head or into the retained files, then the segment is deleted.
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { FileLayer } from '../files/file-layer.ts';
import { makePlace, SEGMENT_HEADER_BYTES, type Placed } from './journal-format.ts';
import type { Journal } from './journal.ts';
import { measureRecord, readRecordType } from './record-reader.ts';

/** Those whose records lie in the journal. */
export interface RecordOwner {
  /** Adds the record anew if it still counts. `bytes` is the whole record. */
  rescue(type: number, bytes: Buffer, placed: Placed): void;
  /** Makes durable what was rescued into other files than the journal: all of it when `last`, else when it has become much. */
  completeRescue(last: boolean): Promise<void>;
}

/** What the cleaner works on. */
export interface SegmentCleanerOptions {
  readonly journal: Journal;
  readonly layer: FileLayer;
  readonly owner: RecordOwner;
  readonly report: (error: unknown, doing: string) => void;
  /** The journal is left alone up to this size. */
  readonly keepBytes: number;
}

const PART_BYTES = 1024 * 1024;
/** After this many bytes others get a turn. */
const STEP_BYTES = 64 * 1024;
const WRITE_TIMEOUT_MS = 60_000;
/** The journal may be this many times as large as what counts in it. */
const LOOSENESS = 2;

/** Cleans the journal in the background, one segment at a time. */
export class SegmentCleaner {
  readonly #options: SegmentCleanerOptions;
  #cleaning: Promise<void> | undefined;
  #closed = false;
  #cleaned = 0;

  constructor(options: SegmentCleanerOptions) {
    this.#options = options;
  }

  /** Segments cleaned since the store was opened. */
  get cleaned(): number {
    return this.#cleaned;
  }

  /** Begins to clean if there is reason to, and is not cleaning already. */
  check(): void {
    if (this.#cleaning !== undefined || !this.#isNeeded()) return;
    this.#cleaning = this.#clean()
      .catch((error: unknown) => {
        if (!this.#closed) this.#options.report(error, 'cleaning the journal');
        // What is not understood is not deleted: the journal grows until it is opened again.
        this.#closed = true;
      })
      .finally(() => (this.#cleaning = undefined));
  }

  /** Stops where it is; the segment that it was at stays. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#cleaning;
  }

  #isNeeded(): boolean {
    const { journal, keepBytes } = this.#options;
    return (
      !this.#closed && journal.reads.firstSegment < journal.segment && journal.bytes > Math.max(keepBytes, journal.liveBytes * LOOSENESS)
    );
  }

  async #clean(): Promise<void> {
    const { journal, owner } = this.#options;
    while (this.#isNeeded()) {
      const segment = journal.reads.firstSegment;
      // The last group of a segment may still be on its way.
      await journal.settle(WRITE_TIMEOUT_MS);
      await this.#rescueAll(segment, journal.endOf(segment));
      if (this.#closed) return;
      await owner.completeRescue(true);
      await journal.settle(WRITE_TIMEOUT_MS);
      await journal.removeFirst();
      this.#cleaned++;
    }
  }

  async #rescueAll(segment: number, length: number): Promise<void> {
    const { journal } = this.#options;
    let offset = SEGMENT_HEADER_BYTES;
    let partBytes = PART_BYTES;
    while (offset < length && !this.#closed) {
      const part = await journal.reads.readPart(segment, offset, Math.min(partBytes, length - offset));
      const read = await this.#rescuePart(part, segment, offset);
      offset += read;
      if (read > 0) partBytes = PART_BYTES;
      else if (offset + partBytes < length) partBytes *= 2;
      else
        throw new StarquakeError(
          'DATA_CORRUPT',
          `Segment ${segment} of the journal cannot be read at offset ${offset}: the record there does not match its checksum.`,
        );
      await this.#options.owner.completeRescue(false);
      // What was moved is written before more is: the journal's next group stays small.
      await journal.settle(WRITE_TIMEOUT_MS);
    }
  }

  /** Rescues the whole records of a part; answers how many bytes they are. */
  async #rescuePart(part: Buffer, segment: number, partOffset: number): Promise<number> {
    let offset = 0;
    let turnAt = STEP_BYTES;
    for (let length = measureRecord(part, offset); length > 0; length = measureRecord(part, offset)) {
      this.#options.owner.rescue(readRecordType(part, offset), part.subarray(offset, offset + length), {
        place: makePlace(segment, partOffset + offset),
        length,
      });
      offset += length;
      if (offset < turnAt) continue;
      turnAt = offset + STEP_BYTES;
      await this.#giveTurn();
      if (this.#closed) break;
    }
    return offset;
  }

  #giveTurn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options.layer.soon(resolve);
    return promise;
  }
}
