// The bus on the journal: a message is delivered within the process at once, and answered to its publisher when it is on disk.
import { join } from 'node:path';
import type {
  Bus,
  IncomingMessage,
  OutgoingMessage,
  QueueConsumer,
  QueueSubscription,
  StreamConsumer,
  StreamSubscription,
  SubscribeOptions,
} from '../../../ports/bus.ts';
import type { CallOptions, Clock } from '../../../ports/clock.ts';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { TopicDefinition } from '../../../protocol/topics.ts';
import { BusReplay } from './bus-replay.ts';
import { writeAcks, writePartitionMark, writeSubscription, writeTopic } from './bus-records.ts';
import { EmbeddedTopic, MAX_QUEUE_SUBSCRIPTIONS, type TopicIdentity } from './embedded-topic.ts';
import type { FileLayer } from '../files/file-layer.ts';
import { RECORD, type Placed } from '../journal/journal-format.ts';
import type { Journal } from '../journal/journal.ts';
import { EVERY_SUBSCRIPTION, readMessageAddress, writeMessage, writeMessageAddress } from './message-record.ts';
import { PartitionLog, type ContentBudget } from './partition-log.ts';
import { RecordReader } from '../journal/record-reader.ts';
import { RetainedHistory } from './retained-history.ts';
import type { QueueMember, QueueSharing } from './queue-sharing.ts';
import { StreamReading, type StreamMember } from './stream-reading.ts';
import { afterAnswer, Turn } from './turn.ts';

/** What the bus stands on. */
export interface EmbeddedBusOptions {
  readonly journal: Journal;
  readonly layer: FileLayer;
  /** Where retained messages go when the journal is cleaned; absolute path. */
  readonly retainedFolder: string;
  readonly clock: Clock;
  readonly report: (error: unknown, doing: string) => void;
  /** Bytes of unacked messages that are held in memory. */
  readonly contentLimit: number;
}

const NOTHING_RETAINED = { count: 0, bytes: 0 };
/** Retained messages are written in pieces of this size, if there are as many. */
const RETAINED_WRITE_BYTES = 1024 * 1024;

const refuse = (why: string): StarquakeError => new StarquakeError('STORE_FAILED', why);

/** The embedded bus. */
export class EmbeddedBus implements Bus {
  readonly #options: EmbeddedBusOptions;
  readonly #journal: Journal;
  readonly #turn: Turn;
  readonly #budget: ContentBudget;
  readonly #topics = new Map<string, EmbeddedTopic>();
  readonly #numbered: EmbeddedTopic[] = [];
  /** Subscriptions with acks that are not recorded yet. */
  readonly #acked = new Map<StreamReading | QueueSharing, EmbeddedTopic>();
  #published = 0;

  constructor(options: EmbeddedBusOptions) {
    this.#options = options;
    this.#journal = options.journal;
    this.#turn = new Turn(options.report);
    this.#budget = { limit: options.contentLimit, used: 0 };
  }

  /** Messages published since the store was opened. */
  get published(): number {
    return this.#published;
  }

  /** What rebuilds this bus from the journal. */
  makeReplay(): BusReplay {
    return new BusReplay((identity) => this.#makeTopic(identity));
  }

  /** Takes over what was rebuilt. */
  restore(replay: BusReplay): void {
    for (const topic of replay.finish(this.#options.clock.now())) this.#keepTopic(topic);
  }

  async declareTopics(topics: readonly TopicDefinition[], options: CallOptions): Promise<void> {
    for (const definition of topics) {
      const known = this.#topics.get(definition.name);
      if (known === undefined) this.#addTopic(definition);
      else if (known.definition.kind !== definition.kind || known.definition.partitions !== definition.partitions) {
        throw refuse(
          `The topic ${definition.name} exists as a ${known.definition.kind} of ${known.definition.partitions} partitions; neither can change.`,
        );
      }
    }
    await this.#journal.settle(options.timeoutMs);
  }

  publish(messages: readonly OutgoingMessage[], options: CallOptions): Promise<void> {
    try {
      const topics = messages.map((message) => this.#find(message.topic));
      for (const [index, message] of messages.entries()) {
        const topic = topics[index];
        if (topic === undefined) continue;
        const address = topic.address(message);
        const placed = this.#journal.add(RECORD.message, (payload) => writeMessage(payload, address, message));
        topic.accept(address, placed, message);
      }
      this.#published += messages.length;
      return this.#journal.settle(options.timeoutMs);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : refuse(String(error)));
    }
  }

  async subscribeStream(name: string, consumer: StreamConsumer, options: SubscribeOptions): Promise<StreamSubscription> {
    const topic = this.#find(name);
    if (!topic.isStream) throw refuse(`The topic ${name} is a queue and cannot be read as a stream.`);
    const reading = topic.readings.get(options.subscription) ?? this.#addReading(topic, options.subscription);
    await this.#journal.settle(options.timeoutMs);
    const member: StreamMember = { consumer, prefetch: options.prefetch };
    const stop = afterAnswer(() => reading.join(member));
    return {
      ackUpTo: (partition, position) => this.#ackUpTo(topic, reading, member, partition, position),
      close: () => {
        stop();
        reading.leave(member);
        return Promise.resolve();
      },
    };
  }

  async subscribeQueue(name: string, consumer: QueueConsumer, options: SubscribeOptions): Promise<QueueSubscription> {
    const topic = this.#find(name);
    if (topic.isStream) throw refuse(`The topic ${name} is a stream and cannot be shared out as a queue.`);
    const sharing = topic.sharings.get(options.subscription) ?? this.#addSharing(topic, options.subscription);
    await this.#journal.settle(options.timeoutMs);
    const member: QueueMember = { consumer, prefetch: options.prefetch, held: 0 };
    const stop = afterAnswer(() => sharing.join(member));
    return {
      ack: (message) => this.#ack(topic, sharing, member, message),
      release: (message) => sharing.release(member, message.position),
      close: () => {
        stop();
        sharing.leave(member);
        return Promise.resolve();
      },
    };
  }

  async readStream(
    name: string,
    partition: number,
    from: number,
    limit: number,
    _options: CallOptions,
  ): Promise<readonly IncomingMessage[]> {
    return this.#find(name).list(partition, from, limit);
  }

  /** Records the acks that were only noted so far. */
  recordAcks(): void {
    for (const [subscription, topic] of this.#acked) {
      const isStream = subscription instanceof StreamReading;
      const values = isStream
        ? [...subscription.moved].flatMap((partition) => [partition, subscription.ackedOf(partition)])
        : subscription.acked;
      this.#journal.add(isStream ? RECORD.streamAcks : RECORD.queueAcks, (payload) =>
        writeAcks(payload, { topic: topic.number, subscription: subscription.number, values }),
      );
      if (isStream) subscription.moved.clear();
      else subscription.acked = [];
    }
    this.#acked.clear();
  }

  /** Records all topics, subscriptions and positions, so that older segments are not needed for them. */
  recordAll(): void {
    for (const topic of this.#topics.values()) {
      this.#journal.add(RECORD.topic, (payload) => writeTopic(payload, topic));
      for (const [partition, log] of topic.logs.entries()) this.#recordPartition(topic, partition, log);
      for (const name of topic.subscriptionNames) {
        this.#journal.add(RECORD.subscription, (payload) => writeSubscription(payload, topic.number, name));
        const reading = topic.readings.get(name.name);
        if (reading !== undefined) this.#recordPositions(topic, reading);
      }
    }
  }

  /** Moves a message that still counts: to the journal's head, or to its retained files. */
  rescueMessage(bytes: Buffer, placed: Placed): void {
    const payload = new RecordReader(bytes);
    const address = readMessageAddress(payload);
    const { partition, position } = address;
    const topic = this.#numbered[address.topic];
    const log = topic?.logs[partition];
    if (topic === undefined || log === undefined) return;
    if (log.history !== undefined) return log.history.add(position, bytes);
    if (!log.isAt(position, placed.place)) return;
    const pendingFor = topic.isStream ? EVERY_SUBSCRIPTION : topic.pendingFor(position);
    const moved = this.#journal.add(RECORD.message, (record) => {
      writeMessageAddress(record, { ...address, pendingFor });
      record.addBytes(payload.takeRest());
    });
    log.move(position, moved);
  }

  /** Makes durable what was moved to retained files: all of it when `last`, else when it has become much. */
  async completeRescue(last: boolean): Promise<void> {
    for (const topic of this.#numbered) {
      for (const [partition, log] of topic.logs.entries()) {
        const waiting = log.history?.waitingBytes ?? 0;
        if (waiting === 0 || (!last && waiting < RETAINED_WRITE_BYTES)) continue;
        await log.history?.write();
        log.forgetHandedOver();
        this.#recordPartition(topic, partition, log);
      }
    }
  }

  /** Closes the files of retained messages. */
  async close(): Promise<void> {
    for (const topic of this.#numbered) for (const log of topic.logs) await log.history?.close();
  }

  #recordPartition(topic: EmbeddedTopic, partition: number, log: PartitionLog): void {
    const retained = log.history?.extent ?? NOTHING_RETAINED;
    this.#journal.add(RECORD.partition, (payload) =>
      writePartitionMark(payload, { topic: topic.number, partition, next: log.next, retained }),
    );
  }

  #recordPositions(topic: EmbeddedTopic, reading: StreamReading): void {
    const values = topic.logs.flatMap((_, partition) => [partition, reading.ackedOf(partition)]);
    this.#journal.add(RECORD.streamAcks, (payload) => writeAcks(payload, { topic: topic.number, subscription: reading.number, values }));
  }

  #addTopic(definition: TopicDefinition): void {
    const topic = this.#makeTopic({ number: this.#numbered.length, definition });
    this.#journal.add(RECORD.topic, (payload) => writeTopic(payload, topic));
    this.#keepTopic(topic);
  }

  #keepTopic(topic: EmbeddedTopic): void {
    this.#topics.set(topic.definition.name, topic);
    this.#numbered[topic.number] = topic;
  }

  #makeTopic(identity: TopicIdentity): EmbeddedTopic {
    const context = { topic: identity.definition.name, clock: this.#options.clock, turn: this.#turn, report: this.#options.report };
    const { name, retained } = identity.definition;
    const folder = join(this.#options.retainedFolder, encodeURIComponent(name));
    return new EmbeddedTopic(identity, context, (partition) => {
      const history = retained ? new RetainedHistory(this.#options.layer, folder, partition) : undefined;
      return new PartitionLog(this.#journal, this.#budget, history);
    });
  }

  #addReading(topic: EmbeddedTopic, name: string): StreamReading {
    const subscription = { number: topic.subscriptionNames.length, name };
    const acked = topic.logs.map((log) => log.first - 1);
    this.#journal.add(RECORD.subscription, (payload) => writeSubscription(payload, topic.number, subscription));
    const reading = topic.read(subscription, acked, acked);
    this.#recordPositions(topic, reading);
    return reading;
  }

  #addSharing(topic: EmbeddedTopic, name: string): QueueSharing {
    const subscription = { number: topic.subscriptionNames.length, name };
    if (subscription.number >= MAX_QUEUE_SUBSCRIPTIONS)
      throw refuse(`The queue ${topic.definition.name} has ${MAX_QUEUE_SUBSCRIPTIONS} subscriptions, which is the limit.`);
    this.#journal.add(RECORD.subscription, (payload) => writeSubscription(payload, topic.number, subscription));
    return topic.share(subscription, -1, () => true);
  }

  #ackUpTo(topic: EmbeddedTopic, reading: StreamReading, member: StreamMember, partition: number, position: number): void {
    const before = reading.ackedOf(partition);
    if (!reading.has(member) || !reading.ack(partition, position)) return;
    topic.releaseUpTo(partition, before + 1);
    this.#noteAck(topic, reading);
  }

  #ack(topic: EmbeddedTopic, sharing: QueueSharing, member: QueueMember, message: IncomingMessage): void {
    if (!sharing.ack(member, message.position)) return;
    topic.releaseIfAcked(message.position);
    this.#noteAck(topic, sharing);
  }

  #noteAck(topic: EmbeddedTopic, subscription: StreamReading | QueueSharing): void {
    if (this.#acked.has(subscription)) return;
    this.#acked.set(subscription, topic);
    this.#journal.noteLazily();
  }

  #find(name: string): EmbeddedTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw refuse(`The topic ${name} was not declared.`);
    return topic;
  }
}
