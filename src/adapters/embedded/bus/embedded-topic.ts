// One topic: its partitions, and the subscriptions that read them.
import type { IncomingMessage, OutgoingMessage } from '../../../ports/bus.ts';
import { findPartition } from '../../../protocol/partition.ts';
import type { TopicDefinition } from '../../../protocol/topics.ts';
import type { Placed } from '../journal/journal-format.ts';
import { EVERY_SUBSCRIPTION, type MessageAddress, type MessageContent } from './message-record.ts';
import type { PartitionLog } from './partition-log.ts';
import { QueueSharing } from './queue-sharing.ts';
import { StreamReading, type ReadingContext } from './stream-reading.ts';

/** A subscription's number within its topic, and its name. */
export interface SubscriptionName {
  readonly number: number;
  readonly name: string;
}

/** Subscriptions that a queue can have: one bit each. */
export const MAX_QUEUE_SUBSCRIPTIONS = 31;

/** The bit that stands for a subscription of a queue. */
export const bitOf = (subscription: number): number => 1 << (subscription % MAX_QUEUE_SUBSCRIPTIONS);

/** What the journal knows a topic by, and what it is. */
export interface TopicIdentity {
  readonly number: number;
  readonly definition: TopicDefinition;
}

/** A topic with its messages. */
export class EmbeddedTopic {
  readonly number: number;
  readonly definition: TopicDefinition;
  readonly logs: readonly PartitionLog[];
  readonly readings = new Map<string, StreamReading>();
  readonly sharings = new Map<string, QueueSharing>();
  readonly subscriptionNames: SubscriptionName[] = [];
  readonly #context: ReadingContext;

  constructor({ number, definition }: TopicIdentity, context: ReadingContext, makeLog: (partition: number) => PartitionLog) {
    this.number = number;
    this.definition = definition;
    this.#context = context;
    this.logs = Array.from({ length: definition.kind === 'queue' ? 1 : definition.partitions }, (_, partition) => makeLog(partition));
  }

  get isStream(): boolean {
    return this.definition.kind === 'stream';
  }

  /** Where the next message of this key goes. */
  address(message: OutgoingMessage): MessageAddress {
    const partition = this.logs.length === 1 ? 0 : findPartition(message.key, this.logs.length);
    const position = this.logs[partition]?.next ?? 0;
    return {
      topic: this.number,
      partition,
      position,
      deliverAt: this.isStream ? 0 : (message.deliverAt ?? 0),
      pendingFor: EVERY_SUBSCRIPTION,
    };
  }

  /** Takes a published message in and has it delivered. */
  accept(address: MessageAddress, placed: Placed, content: MessageContent): void {
    const { partition, position, deliverAt } = address;
    this.logs[partition]?.add(position, deliverAt, placed, content, this.subscriptionNames.length > 0);
    for (const reading of this.readings.values()) reading.wake(partition);
    for (const sharing of this.sharings.values()) sharing.add(position, deliverAt, false);
  }

  /** Adds a subscription of a queue; it gets every message that is still there. `seenUntil`: those due before may have been delivered. */
  share(name: SubscriptionName, seenUntil: number, wants: (position: number) => boolean): QueueSharing {
    const sharing = new QueueSharing(this.#context, name.number, this.#firstLog());
    this.subscriptionNames.push(name);
    this.sharings.set(name.name, sharing);
    for (const position of this.#firstLog().positions()) {
      const deliverAt = this.#firstLog().deliverAtOf(position);
      if (wants(position)) sharing.add(position, deliverAt, deliverAt <= seenUntil);
    }
    return sharing;
  }

  /** Adds a subscription of a stream, with its ack positions. */
  read(name: SubscriptionName, acked: readonly number[], seen: readonly number[]): StreamReading {
    const reading = new StreamReading(this.#context, name.number, this.logs, acked, seen);
    this.subscriptionNames.push(name);
    this.readings.set(name.name, reading);
    return reading;
  }

  /** Lets go of what every subscription of the stream has acked. */
  releaseUpTo(partition: number, from: number): void {
    let to = Number.POSITIVE_INFINITY;
    for (const reading of this.readings.values()) to = Math.min(to, reading.ackedOf(partition));
    for (let position = from; position <= to; position++) this.logs[partition]?.release(position);
  }

  /** Lets go of a queue's message when no subscription waits for it any more. */
  releaseIfAcked(position: number): void {
    for (const sharing of this.sharings.values()) if (sharing.isPending(position)) return;
    this.#firstLog().release(position);
  }

  /** Bits of the subscriptions that wait for a queue's message. */
  pendingFor(position: number): number {
    let bits = 0;
    for (const sharing of this.sharings.values()) if (sharing.isPending(position)) bits |= bitOf(sharing.number);
    return bits >>> 0;
  }

  /** Messages of a partition from a position on, as a reader without a subscription sees them. */
  async list(partition: number, from: number, limit: number): Promise<readonly IncomingMessage[]> {
    const log = this.logs[partition];
    if (log === undefined) return [];
    const positions: number[] = [];
    for (let position = Math.max(from, log.first); position < log.next && positions.length < limit; position++) {
      if (log.has(position)) positions.push(position);
    }
    const contents = await log.load(positions);
    return [...contents].toSorted(([a], [b]) => a - b).map(([position, content]) => this.#describe(partition, position, content));
  }

  #describe(partition: number, position: number, { key, id, body, again }: MessageContent): IncomingMessage {
    return { topic: this.definition.name, partition, position, key, id, body, again: again === true, redelivered: false };
  }

  #firstLog(): PartitionLog {
    const log = this.logs[0];
    if (log === undefined) throw new RangeError(`The topic ${this.definition.name} has no partition.`);
    return log;
  }
}
