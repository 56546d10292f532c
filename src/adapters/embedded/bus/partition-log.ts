// Keeps the messages of one partition: their places always, their contents in memory while these are few.
import type { Placed } from '../journal/journal-format.ts';
import type { Journal } from '../journal/journal.ts';
import { readMessageAddress, readMessageContent, type MessageContent } from './message-record.ts';
import { PlaceIndex } from './place-index.ts';
import { RecordReader } from '../journal/record-reader.ts';
import type { RetainedHistory } from './retained-history.ts';

/** Bytes of content, about, that all partitions together hold in memory. */
export interface ContentBudget {
  readonly limit: number;
  used: number;
}

/** Retained messages of a partition that are held in memory for the subscriptions that are about to read them. */
const RETAINED_IN_MEMORY = 4096;

const decodeContent = (record: Buffer | undefined): MessageContent => {
  const payload = new RecordReader(record ?? Buffer.alloc(0));
  readMessageAddress(payload);
  return readMessageContent(payload);
};

/** About the bytes that a content takes in memory. */
const measureContent = ({ key, id, body }: MessageContent): number => key.length + id.length + body.length;

/** Consecutive positions as [first, count]. */
const findStretches = (positions: readonly number[]): readonly (readonly [number, number])[] => {
  const stretches: [number, number][] = [];
  for (const position of positions) {
    const last = stretches.at(-1);
    if (last !== undefined && last[0] + last[1] === position) last[1]++;
    else stretches.push([position, 1]);
  }
  return stretches;
};

/** The messages of one partition of one topic. */
export class PartitionLog {
  readonly #journal: Journal;
  readonly #budget: ContentBudget;
  /** Messages that lie in the journal and count: unacked ones, and those of a retained topic. */
  readonly #places = new PlaceIndex();
  readonly #contents = new Map<number, MessageContent>();
  /** Times of those messages that are delayed. */
  readonly #deliverAts = new Map<number, number>();
  /** The messages of a retained topic that the journal has handed over. */
  readonly history: RetainedHistory | undefined;
  #next = 0;

  /** @param history - there if the topic is retained */
  constructor(journal: Journal, budget: ContentBudget, history: RetainedHistory | undefined) {
    this.#journal = journal;
    this.#budget = budget;
    this.history = history;
  }

  /** The position that the next message gets. */
  get next(): number {
    return this.#next;
  }

  /** Positions never restart, whatever became of the messages. */
  raiseNext(next: number): void {
    this.#next = Math.max(this.#next, next);
  }

  /** The earliest position that is still there. */
  get first(): number {
    if (this.history !== undefined) return 0;
    for (const position of this.#places.positions()) return position;
    return this.#next;
  }

  /** Takes a message in. `awaited`: a subscription will want it. */
  add(position: number, deliverAt: number, { place, length }: Placed, content: MessageContent | undefined, awaited: boolean): void {
    this.raiseNext(position + 1);
    this.#places.set(position, place, length);
    if (deliverAt > 0) this.#deliverAts.set(position, deliverAt);
    if (this.history === undefined) this.#journal.keep(length);
    else if (!awaited || this.#contents.size >= RETAINED_IN_MEMORY) return;
    if (content === undefined) return;
    const size = measureContent(content);
    if (this.#budget.used + size > this.#budget.limit) return;
    this.#budget.used += size;
    this.#contents.set(position, content);
  }

  /** Takes note that a message lies elsewhere in the journal now. */
  move(position: number, { place, length }: Placed): void {
    this.#places.set(position, place, length);
  }

  /** Takes note of what the history has by now. */
  forgetHandedOver(): void {
    this.#places.dropBelow(this.history?.extent.count ?? 0);
  }

  /** Whether the message is there, in memory or on disk. */
  has(position: number): boolean {
    return this.#places.lengthOf(position) > 0 || this.#isHandedOver(position);
  }

  /** Whether the message counts and lies at this place of the journal. */
  isAt(position: number, place: number): boolean {
    return this.#places.lengthOf(position) > 0 && this.#places.placeOf(position) === place;
  }

  /** The content, if it is in memory. */
  peek(position: number): MessageContent | undefined {
    return this.#contents.get(position);
  }

  /** 0 when the message is not delayed. */
  deliverAtOf(position: number): number {
    return this.#deliverAts.get(position) ?? 0;
  }

  /** Positions of all messages that are there, in order. */
  *positions(): IterableIterator<number> {
    for (let position = 0; position < (this.history?.extent.count ?? 0); position++) yield position;
    yield* this.#places.positions();
  }

  /** Lets go of a message that everybody has acked; a retained one stays readable. */
  release(position: number): void {
    const content = this.#contents.get(position);
    if (content !== undefined) {
      this.#budget.used -= measureContent(content);
      this.#contents.delete(position);
    }
    if (this.#deliverAts.size > 0) this.#deliverAts.delete(position);
    if (this.history === undefined) this.#journal.release(this.#places.remove(position));
  }

  /**
   * Contents of those of the positions that are there.
   *
   * @throws DATA_CORRUPT
   */
  async load(positions: readonly number[]): Promise<ReadonlyMap<number, MessageContent>> {
    const contents = new Map<number, MessageContent>();
    const inJournal: number[] = [];
    const handedOver: number[] = [];
    for (const position of positions) {
      const content = this.#contents.get(position);
      if (content !== undefined) contents.set(position, content);
      else if (this.#isHandedOver(position)) handedOver.push(position);
      else if (this.#places.lengthOf(position) > 0) inJournal.push(position);
    }
    const placed = inJournal.map((position) => ({ place: this.#places.placeOf(position), length: this.#places.lengthOf(position) }));
    const records = await this.#journal.reads.read(placed);
    for (const [index, position] of inJournal.entries()) contents.set(position, decodeContent(records[index]));
    for (const [first, count] of findStretches(handedOver)) {
      const found = (await this.history?.read(first, count)) ?? [];
      for (const [index, record] of found.entries()) contents.set(first + index, decodeContent(record));
    }
    return contents;
  }

  #isHandedOver(position: number): boolean {
    return this.history !== undefined && position < this.history.extent.count;
  }
}
