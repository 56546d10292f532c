// Rebuilds topics, subscriptions and unacked messages from the journal's records.
import { bitOf, type EmbeddedTopic, type SubscriptionName, type TopicIdentity } from './embedded-topic.ts';
import { readAcks, readPartitionMark, readSubscription, readTopic } from './bus-records.ts';
import { RECORD, type Placed } from '../journal/journal-format.ts';
import { EVERY_SUBSCRIPTION, readMessageAddress } from './message-record.ts';
import type { RecordReader } from '../journal/record-reader.ts';

interface ReplayedSubscription extends SubscriptionName {
  /** Ack positions of a stream's partitions. */
  readonly acked: number[];
}

interface ReplayedTopic {
  readonly topic: EmbeddedTopic;
  readonly subscriptions: ReplayedSubscription[];
  /** Subscriptions that wait for each message of a queue, a bit each. */
  readonly waiting: Map<number, number>;
}

/** What the journal says of the bus, record by record. */
export class BusReplay {
  readonly #makeTopic: (identity: TopicIdentity) => EmbeddedTopic;
  readonly #topics: ReplayedTopic[] = [];

  constructor(makeTopic: (identity: TopicIdentity) => EmbeddedTopic) {
    this.#makeTopic = makeTopic;
  }

  /** Takes a record in; answers whether it was one of the bus. */
  replay(type: number, payload: RecordReader, placed: Placed): boolean {
    if (type === RECORD.message) this.#replayMessage(payload, placed);
    else if (type === RECORD.topic) this.#replayTopic(payload);
    else if (type === RECORD.subscription) this.#replaySubscription(payload);
    else if (type === RECORD.streamAcks) this.#replayStreamAcks(payload);
    else if (type === RECORD.queueAcks) this.#replayQueueAcks(payload);
    else if (type === RECORD.partition) this.#replayPartition(payload);
    else return false;
    return true;
  }

  /** Ends the replay. What was there before `now` may have been delivered before. */
  finish(now: number): readonly EmbeddedTopic[] {
    for (const { topic, subscriptions, waiting } of this.#topics) {
      const seen = topic.logs.map((log) => log.next - 1);
      for (const { number, name, acked } of subscriptions) {
        if (topic.isStream) topic.read({ number, name }, acked, seen);
        else topic.share({ number, name }, now, (position) => ((waiting.get(position) ?? 0) & bitOf(number)) !== 0);
      }
    }
    return this.#topics.map(({ topic }) => topic);
  }

  #replayTopic(payload: RecordReader): void {
    const identity = readTopic(payload);
    this.#topics[identity.number] ??= { topic: this.#makeTopic(identity), subscriptions: [], waiting: new Map() };
  }

  #replaySubscription(payload: RecordReader): void {
    const { topic, number, name } = readSubscription(payload);
    const replayed = this.#topics[topic];
    if (replayed === undefined || replayed.subscriptions[number] !== undefined) return;
    replayed.subscriptions[number] = { number, name, acked: replayed.topic.logs.map(() => -1) };
    if (replayed.topic.isStream) return;
    for (const position of replayed.topic.logs[0]?.positions() ?? []) {
      replayed.waiting.set(position, (replayed.waiting.get(position) ?? 0) | bitOf(number));
    }
  }

  #replayMessage(payload: RecordReader, placed: Placed): void {
    const { topic: number, partition, position, deliverAt, pendingFor } = readMessageAddress(payload);
    const replayed = this.#topics[number];
    const log = replayed?.topic.logs[partition];
    if (replayed === undefined || log === undefined) return;
    if (log.has(position)) return log.move(position, placed);
    log.add(position, deliverAt, placed, undefined, false);
    if (replayed.topic.isStream || replayed.subscriptions.length === 0) return;
    const all = replayed.subscriptions.reduce((bits, subscription) => bits | bitOf(subscription.number), 0);
    replayed.waiting.set(position, pendingFor === EVERY_SUBSCRIPTION ? all : pendingFor);
  }

  #replayStreamAcks(payload: RecordReader): void {
    const { topic: number, subscription, values } = readAcks(payload);
    const replayed = this.#topics[number];
    const acked = replayed?.subscriptions[subscription]?.acked;
    if (replayed === undefined || acked === undefined) return;
    for (let index = 0; index + 1 < values.length; index += 2) {
      const partition = values[index] ?? 0;
      const leastBefore = this.#leastAcked(replayed, partition);
      acked[partition] = Math.max(acked[partition] ?? -1, values[index + 1] ?? -1);
      const log = replayed.topic.logs[partition];
      log?.raiseNext((acked[partition] ?? -1) + 1);
      if (log === undefined || log.history !== undefined) continue;
      const least = this.#leastAcked(replayed, partition);
      for (let position = Math.max(leastBefore + 1, log.first); position <= least; position++) log.release(position);
    }
  }

  #leastAcked({ subscriptions }: ReplayedTopic, partition: number): number {
    return Math.min(...subscriptions.map(({ acked }) => acked[partition] ?? -1));
  }

  #replayQueueAcks(payload: RecordReader): void {
    const { topic: number, subscription, values } = readAcks(payload);
    const replayed = this.#topics[number];
    for (const position of values) {
      const left = (replayed?.waiting.get(position) ?? 0) & ~bitOf(subscription);
      if (left !== 0) replayed?.waiting.set(position, left);
      else if (replayed?.waiting.delete(position) === true) replayed.topic.logs[0]?.release(position);
    }
  }

  #replayPartition(payload: RecordReader): void {
    const { topic, partition, next, retained } = readPartitionMark(payload);
    const log = this.#topics[topic]?.topic.logs[partition];
    log?.raiseNext(next);
    log?.history?.restore(retained);
    log?.forgetHandedOver();
  }
}
