// Keeps a retained partition's messages for ever, in files of its own that the journal has handed them to.
import { join } from 'node:path';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { FileLayer, GrowingFile, ReadableFile } from '../files/file-layer.ts';
import { measureRecord } from '../journal/record-reader.ts';

/** What was handed over for good: positions below `count`, in this many bytes. */
export interface RetainedExtent {
  readonly count: number;
  readonly bytes: number;
}

const INDEX_ENTRY_BYTES = 8;

/** One partition's messages: their records one after another, and an index of where each one ends. */
export class RetainedHistory {
  readonly #layer: FileLayer;
  readonly #folder: string;
  readonly #records: string;
  readonly #index: string;
  #extent: RetainedExtent = { count: 0, bytes: 0 };
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #open: { records: Promise<ReadableFile>; index: Promise<ReadableFile> } | undefined;

  /**
   * @param layer - the files
   * @param folder - absolute path of the topic's folder
   * @param partition - names the files in it
   */
  constructor(layer: FileLayer, folder: string, partition: number) {
    this.#layer = layer;
    this.#folder = folder;
    this.#records = join(folder, `${partition}.records`);
    this.#index = join(folder, `${partition}.index`);
  }

  /** What can be read here. */
  get extent(): RetainedExtent {
    return this.#extent;
  }

  /** Bytes that were added and are not written yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes note of what had been handed over before; whatever lies behind it in the files is cut off by the next write. */
  restore(extent: RetainedExtent): void {
    this.#extent = extent;
  }

  /**
   * Adds a message's record, unless it is here already.
   *
   * @throws DATA_CORRUPT when one before it is missing
   */
  add(position: number, record: Buffer): void {
    const next = this.#extent.count + this.#waiting.length;
    if (position < next) return;
    if (position > next)
      throw new StarquakeError('DATA_CORRUPT', `Message ${next} of ${this.#records} is missing: ${position} comes after ${next - 1}.`);
    this.#waiting.push(record);
    this.#waitingBytes += record.length;
  }

  /** Writes what was added; it is durable when this is answered, and counts once the new extent is in the journal. */
  async write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const records = this.#waiting;
    const index = Buffer.alloc(records.length * INDEX_ENTRY_BYTES);
    let bytes = this.#extent.bytes;
    for (const [entry, record] of records.entries()) {
      bytes += record.length;
      index.writeDoubleLE(bytes, entry * INDEX_ENTRY_BYTES);
    }
    await this.#grow(this.#records, this.#extent.bytes, Buffer.concat(records));
    await this.#grow(this.#index, this.#extent.count * INDEX_ENTRY_BYTES, index);
    if (this.#extent.count === 0) await this.#layer.syncFolder(this.#folder);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#extent = { count: this.#extent.count + records.length, bytes };
  }

  /**
   * The records of consecutive positions that are here.
   *
   * @throws DATA_CORRUPT
   */
  async read(from: number, count: number): Promise<readonly Buffer[]> {
    this.#open ??= { records: this.#layer.openToRead(this.#records), index: this.#layer.openToRead(this.#index) };
    const { records, index } = this.#open;
    const first = Math.max(from - 1, 0);
    const ends = await (await index).read(first * INDEX_ENTRY_BYTES, (from + count - first) * INDEX_ENTRY_BYTES);
    if (ends.length < (from + count - first) * INDEX_ENTRY_BYTES) throw this.#refuse(this.#index, first * INDEX_ENTRY_BYTES + ends.length);
    const endOf = (position: number): number => (position < 0 ? 0 : ends.readDoubleLE((position - first) * INDEX_ENTRY_BYTES));
    const begin = endOf(from - 1);
    const bytes = await (await records).read(begin, endOf(from + count - 1) - begin);
    return Array.from({ length: count }, (_, offset) => {
      const start = endOf(from + offset - 1);
      const record = bytes.subarray(start - begin, endOf(from + offset) - begin);
      if (record.length === 0 || measureRecord(record, 0) !== record.length) throw this.#refuse(this.#records, start);
      return record;
    });
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await (await open?.records)?.close();
    await (await open?.index)?.close();
  }

  async #grow(path: string, length: number, bytes: Buffer): Promise<void> {
    const file = length === 0 ? await this.#begin(path) : await this.#layer.openToGrow(path, length);
    try {
      await file.append(bytes);
    } finally {
      await file.close();
    }
  }

  async #begin(path: string): Promise<GrowingFile> {
    await this.#layer.makeFolder(this.#folder);
    return this.#layer.create(path);
  }

  #refuse(path: string, offset: number): StarquakeError {
    return new StarquakeError(
      'DATA_CORRUPT',
      `The file ${path} cannot be read at offset ${offset}: the record there does not match its checksum.`,
    );
  }
}
