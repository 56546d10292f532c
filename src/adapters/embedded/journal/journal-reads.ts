// Reads single records of the journal back, from the group that is being written or from its file.
import { join } from 'node:path';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { FileLayer, ReadableFile } from '../files/file-layer.ts';
import { nameSegment, offsetOf, segmentOf, type Placed } from './journal-format.ts';
import { measureRecord } from './record-reader.ts';

/** Records that lie closer together than this are read in one go. */
const GAP_BYTES = 16 * 1024;
const RUN_BYTES = 1024 * 1024;

/** Random access to records. */
export class JournalReads {
  readonly #layer: FileLayer;
  readonly #folder: string;
  readonly #readUnwritten: (place: number, length: number) => Buffer | undefined;
  readonly #files = new Map<number, Promise<ReadableFile>>();
  readonly #reading = new Set<Promise<unknown>>();
  #firstSegment = 1;

  constructor(layer: FileLayer, folder: string, readUnwritten: (place: number, length: number) => Buffer | undefined) {
    this.#layer = layer;
    this.#folder = folder;
    this.#readUnwritten = readUnwritten;
  }

  /** Takes note of the oldest segment. */
  beginAt(segment: number): void {
    this.#firstSegment = segment;
  }

  /** Number of the oldest segment. */
  get firstSegment(): number {
    return this.#firstSegment;
  }

  /**
   * The whole records at these places, in the order asked for.
   *
   * @throws DATA_CORRUPT
   */
  read(wanted: readonly Placed[]): Promise<readonly Buffer[]> {
    const reading = this.#read(wanted).finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
    return reading;
  }

  /** Part of a segment as it lies on disk. */
  async readPart(segment: number, offset: number, length: number): Promise<Buffer> {
    return (await this.#open(segment)).read(offset, length);
  }

  /** Deletes the oldest segment, of which nothing will be read any more; its name is gone for good when this is answered. */
  async removeFirst(): Promise<void> {
    await Promise.allSettled(this.#reading);
    const segment = this.#firstSegment;
    const file = this.#files.get(segment);
    this.#files.delete(segment);
    this.#firstSegment++;
    await (await file)?.close();
    await this.#layer.remove(join(this.#folder, nameSegment(segment)));
    await this.#layer.syncFolder(this.#folder);
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const file of files) await (await file).close();
  }

  async #read(wanted: readonly Placed[]): Promise<readonly Buffer[]> {
    const found = new Map<number, Buffer>();
    const onDisk: Placed[] = [];
    for (const placed of wanted) {
      const bytes = this.#readUnwritten(placed.place, placed.length);
      if (bytes === undefined) onDisk.push(placed);
      else found.set(placed.place, bytes);
    }
    onDisk.sort((a, b) => a.place - b.place);
    for (let from = 0; from < onDisk.length;) from = await this.#readRun(onDisk, from, found);
    return wanted.map(({ place }) => this.#check(place, found.get(place)));
  }

  /** Reads records that lie close together; answers the index of the first one beyond. */
  async #readRun(wanted: readonly Placed[], from: number, found: Map<number, Buffer>): Promise<number> {
    const first = wanted[from];
    if (first === undefined) return wanted.length;
    let to = from + 1;
    let end = first.place + first.length;
    for (let next = wanted[to]; next !== undefined; next = wanted[++to]) {
      if (next.place - end > GAP_BYTES || next.place + next.length - first.place > RUN_BYTES) break;
      end = next.place + next.length;
    }
    const bytes = await this.readPart(segmentOf(first.place), offsetOf(first.place), end - first.place);
    for (const { place, length } of wanted.slice(from, to))
      found.set(place, bytes.subarray(place - first.place, place - first.place + length));
    return to;
  }

  #open(segment: number): Promise<ReadableFile> {
    const open = this.#files.get(segment);
    if (open !== undefined) return open;
    const opened = this.#layer.openToRead(join(this.#folder, nameSegment(segment)));
    this.#files.set(segment, opened);
    return opened;
  }

  #check(place: number, bytes: Buffer | undefined): Buffer {
    if (bytes !== undefined && measureRecord(bytes, 0) === bytes.length) return bytes;
    const path = join(this.#folder, nameSegment(segmentOf(place)));
    throw new StarquakeError(
      'DATA_CORRUPT',
      `The file ${path} cannot be read at offset ${offsetOf(place)}: the record there does not match its checksum.`,
    );
  }
}
