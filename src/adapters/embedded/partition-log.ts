// Keeps the messages of one partition: in memory while they are few, else by their place on disk.
import type { Placed } from './journal-format.ts';
import type { Journal } from './journal.ts';
import { readMessageAddress, readMessageContent, type MessageContent } from './message-record.ts';
import { PlaceIndex } from './place-index.ts';
import { RecordReader } from './record-reader.ts';
import type { RetainedHistory } from './retained-history.ts';

/** A message that somebody has not acked yet. */
export interface KeptMessage {
  readonly position: number;
  /** 0 when it is not delayed. */
  readonly deliverAt: number;
  placed: Placed;
  /** Absent when it has to be read from disk. */
  content: MessageContent | undefined;
}

/** Bytes of content that all partitions together hold in memory. */
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
  readonly #kept = new Map<number, KeptMessage>();
  /** Where the messages of a retained topic lie in the journal, acked or not. */
  readonly #retained: PlaceIndex | undefined;
  /** The messages of a retained topic that the journal has handed over. */
  readonly history: RetainedHistory | undefined;
  #next = 0;

  /** @param history - there if the topic is retained */
  constructor(journal: Journal, budget: ContentBudget, history: RetainedHistory | undefined) {
    this.#journal = journal;
    this.#budget = budget;
    this.history = history;
    this.#retained = history === undefined ? undefined : new PlaceIndex();
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
    if (this.#retained !== undefined) return 0;
    let first = this.#next;
    for (const position of this.#kept.keys()) {
      first = position;
      break;
    }
    return first;
  }

  /** Messages that are not acked by everybody. */
  get backlog(): number {
    return this.#kept.size;
  }

  /** Takes a message in. `awaited`: a subscription will want it. */
  add(position: number, deliverAt: number, placed: Placed, content: MessageContent | undefined, awaited: boolean): void {
    this.raiseNext(position + 1);
    this.#retained?.set(position, placed);
    const fits = content !== undefined && this.#budget.used + placed.length <= this.#budget.limit;
    if (this.#retained === undefined) this.#journal.keep(placed.length);
    else if (!awaited || !fits || this.#kept.size >= RETAINED_IN_MEMORY) return;
    if (fits) this.#budget.used += placed.length;
    this.#kept.set(position, { position, deliverAt, placed, content: fits ? content : undefined });
  }

  /** Takes note of what the history has by now. */
  forgetHandedOver(): void {
    this.#retained?.dropBelow(this.history?.extent.count ?? 0);
  }

  /** Takes note that a message lies elsewhere now. */
  move(position: number, placed: Placed): void {
    const message = this.#kept.get(position);
    if (message !== undefined) message.placed = placed;
    this.#retained?.set(position, placed);
  }

  /** Puts kept messages in order of position, after records were replayed that had been moved. */
  sort(): void {
    const inOrder = [...this.#kept.values()].toSorted((a, b) => a.position - b.position);
    this.#kept.clear();
    for (const message of inOrder) this.#kept.set(message.position, message);
  }

  /** Whether the message is there, in memory or on disk. */
  has(position: number): boolean {
    return this.#kept.has(position) || this.#isHandedOver(position) || this.#retained?.get(position) !== undefined;
  }

  peek(position: number): KeptMessage | undefined {
    return this.#kept.get(position);
  }

  /** Positions of all messages that are there, in order. */
  *positions(): IterableIterator<number> {
    if (this.#retained === undefined) yield* this.#kept.keys();
    else for (let position = 0; position < this.#next; position++) if (this.has(position)) yield position;
  }

  /** Lets go of a message that everybody has acked; a retained one stays readable. */
  release(position: number): void {
    const message = this.#kept.get(position);
    if (message === undefined) return;
    this.#kept.delete(position);
    if (message.content !== undefined) this.#budget.used -= message.placed.length;
    if (this.#retained === undefined) this.#journal.release(message.placed.length);
  }

  /**
   * Contents of those of the positions that are there.
   *
   * @throws DATA_CORRUPT
   */
  async load(positions: readonly number[]): Promise<ReadonlyMap<number, MessageContent>> {
    const contents = new Map<number, MessageContent>();
    const inJournal: { position: number; placed: Placed }[] = [];
    const handedOver: number[] = [];
    for (const position of positions) {
      const kept = this.#kept.get(position);
      const placed = this.#retained === undefined ? kept?.placed : this.#retained.get(position);
      if (kept?.content !== undefined) contents.set(position, kept.content);
      else if (this.#isHandedOver(position)) handedOver.push(position);
      else if (placed !== undefined) inJournal.push({ position, placed });
    }
    const records = await this.#journal.reads.read(inJournal.map(({ placed }) => placed));
    for (const [index, { position }] of inJournal.entries()) contents.set(position, decodeContent(records[index]));
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
