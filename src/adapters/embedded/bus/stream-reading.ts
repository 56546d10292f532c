// One subscription of a stream: gives each partition to one of its consumers and delivers from the ack position on.
import type { Clock } from '../../../ports/clock.ts';
import type { IncomingMessage, StreamConsumer } from '../../../ports/bus.ts';
import type { MessageContent } from './message-record.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Pump, Turn } from './turn.ts';

/** A consumer of the subscription. */
export interface StreamMember {
  readonly consumer: StreamConsumer;
  readonly prefetch: number;
}

/** What a subscription works with. */
export interface ReadingContext {
  readonly topic: string;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly report: (error: unknown, doing: string) => void;
}

/** Messages that are read from disk at once. */
const LOAD_COUNT = 128;
const LOAD_AGAIN_MS = 1000;

class ReadPartition implements Pump {
  readonly #context: ReadingContext;
  readonly #log: PartitionLog;
  readonly #partition: number;
  #acked: number;
  #cursor: number;
  /** Up to here messages were delivered before, or may have been by the process before this one. */
  #seen: number;
  #member: StreamMember | undefined;
  #gained = false;
  #loading = false;
  #loaded: ReadonlyMap<number, MessageContent> = new Map();

  constructor(context: ReadingContext, log: PartitionLog, partition: number, acked: number, seen: number) {
    this.#context = context;
    this.#log = log;
    this.#partition = partition;
    this.#acked = acked;
    this.#cursor = acked + 1;
    this.#seen = seen;
  }

  get acked(): number {
    return this.#acked;
  }

  assign(member: StreamMember | undefined): void {
    if (this.#member === member) return;
    this.#member = member;
    this.#gained = true;
    this.#cursor = this.#acked + 1;
    this.wake();
  }

  wake(): void {
    if (this.#member !== undefined && this.#cursor < this.#log.next) this.#context.turn.request(this);
  }

  /** Answers whether it changed anything. Acks of a consumer that has lost the partition count as well. */
  ack(position: number): boolean {
    const acked = Math.min(position, this.#seen);
    if (acked <= this.#acked) return false;
    this.#acked = acked;
    this.#cursor = Math.max(this.#cursor, acked + 1);
    this.wake();
    return true;
  }

  pump(): void {
    const member = this.#member;
    if (member === undefined) return;
    const batch: IncomingMessage[] = [];
    while (this.#cursor < this.#log.next && this.#cursor <= this.#acked + member.prefetch) {
      const position = this.#cursor;
      const content = this.#log.peek(position) ?? this.#loaded.get(position);
      if (content !== undefined) batch.push(this.#address(position, content));
      else if (this.#log.has(position)) return this.#finish(member, batch, true);
      // Acked by everybody, but the ack itself was lost.
      else if (position === this.#acked + 1) this.#acked = position;
      this.#cursor++;
    }
    this.#finish(member, batch, false);
  }

  #finish(member: StreamMember, batch: readonly IncomingMessage[], load: boolean): void {
    if (load) this.#load(member);
    else if (this.#loaded.size > 0 && this.#cursor === this.#log.next) this.#loaded = new Map();
    if (batch.length === 0) return;
    const gained = this.#gained;
    this.#gained = false;
    this.#seen = Math.max(this.#seen, this.#cursor - 1);
    try {
      member.consumer.onMessages(this.#partition, batch, gained);
    } catch (error) {
      this.#context.report(error, `reading ${this.#context.topic}`);
    }
  }

  #address(position: number, { key, id, body, again }: MessageContent): IncomingMessage {
    const redelivered = position <= this.#seen;
    return { topic: this.#context.topic, partition: this.#partition, position, key, id, body, again: again === true, redelivered };
  }

  #load(member: StreamMember): void {
    if (this.#loading) return;
    this.#loading = true;
    const end = Math.min(this.#log.next, this.#acked + member.prefetch + 1, this.#cursor + LOAD_COUNT);
    const positions = Array.from({ length: end - this.#cursor }, (_, index) => this.#cursor + index);
    this.#log.load(positions).then(
      (loaded) => {
        this.#loading = false;
        this.#loaded = loaded;
        this.wake();
      },
      (error: unknown) => {
        this.#loading = false;
        this.#context.report(error, `reading ${this.#context.topic} from disk`);
        this.#context.clock.setTimer(this.#context.clock.now() + LOAD_AGAIN_MS, () => this.wake());
      },
    );
  }
}

/** A subscription of a stream, with its consumers. */
export class StreamReading {
  /** Names the subscription within its topic. */
  readonly number: number;
  readonly #partitions: readonly ReadPartition[];
  #members: readonly StreamMember[] = [];
  /** Partitions whose ack has moved since it was last recorded. */
  readonly moved = new Set<number>();

  /**
   * @param number - names the subscription within its topic
   * @param acked - ack position per partition; -1 when nothing is acked
   * @param seen - per partition, up to where messages may have been delivered before
   */
  constructor(context: ReadingContext, number: number, logs: readonly PartitionLog[], acked: readonly number[], seen: readonly number[]) {
    this.number = number;
    this.#partitions = logs.map(
      (log, partition) => new ReadPartition(context, log, partition, acked[partition] ?? -1, seen[partition] ?? -1),
    );
  }

  /** Ack position of a partition. */
  ackedOf(partition: number): number {
    return this.#partitions[partition]?.acked ?? -1;
  }

  join(member: StreamMember): void {
    this.#share([...this.#members, member]);
  }

  leave(member: StreamMember): void {
    this.#share(this.#members.filter((other) => other !== member));
  }

  has(member: StreamMember): boolean {
    return this.#members.includes(member);
  }

  /** A message has come. */
  wake(partition: number): void {
    this.#partitions[partition]?.wake();
  }

  /** Answers whether it changed anything. */
  ack(partition: number, position: number): boolean {
    if (this.#partitions[partition]?.ack(position) !== true) return false;
    this.moved.add(partition);
    return true;
  }

  #share(members: readonly StreamMember[]): void {
    this.#members = members;
    for (const [index, partition] of this.#partitions.entries()) partition.assign(members[index % members.length]);
  }
}
