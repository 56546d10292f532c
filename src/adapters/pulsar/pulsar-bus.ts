// The bus on Pulsar, whatever the way to reach it: topics through the admin API, one reader per partition, one answer per call of publish.
import { randomUUID } from 'node:crypto';
import type {
  Bus,
  IncomingMessage,
  OutgoingMessage,
  QueueConsumer,
  QueueSubscription,
  StreamConsumer,
  StreamSubscription,
  SubscribeOptions,
} from '../../ports/bus.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findPartition } from '../../protocol/partition.ts';
import type { TopicDefinition, TopicKind } from '../../protocol/topics.ts';
import { numberPlace } from '../pulsar-admin/message-position.ts';
import type { NamespaceSettings } from '../pulsar-admin/plan-topics.ts';
import { PulsarAdmin } from '../pulsar-admin/pulsar-admin.ts';
import type { PulsarAccess } from '../pulsar-admin/pulsar-access.ts';
import { TopicDirectory, type KnownTopic } from '../pulsar-admin/topic-directory.ts';
import { Publishing } from './publishing.ts';
import type { PartitionAddress, PartitionReader, PulsarTransport, ReadingOptions } from './transport.ts';

/** What every bus on Pulsar stands on. */
export interface PulsarBusOptions {
  readonly access: PulsarAccess;
  readonly clock: Clock;
  /** Says what went wrong and is being dealt with. */
  readonly report: (error: unknown, doing: string) => void;
  /** Applied to the namespace with every declaration of topics. */
  readonly settings?: NamespaceSettings;
}

interface Closable {
  close(): Promise<void>;
}

/** The bus on Pulsar. */
export class PulsarBus implements Bus {
  readonly #transport: PulsarTransport;
  readonly #admin: PulsarAdmin;
  readonly #topics: TopicDirectory;
  readonly #publishing: Publishing;
  readonly #clock: Clock;
  readonly #subscriptions = new Set<Closable>();

  constructor({ access, clock, settings }: PulsarBusOptions, transport: PulsarTransport) {
    this.#transport = transport;
    this.#admin = new PulsarAdmin(access);
    this.#topics = new TopicDirectory(this.#admin, settings);
    this.#clock = clock;
    this.#publishing = new Publishing(clock);
  }

  /** @throws TOPIC_FIXED, BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  declareTopics(topics: readonly TopicDefinition[], { timeoutMs }: CallOptions): Promise<void> {
    return this.#topics.declare(topics, timeoutMs);
  }

  /** @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, PAYLOAD_TOO_LARGE, STORE_FAILED */
  async publish(messages: readonly OutgoingMessage[], { timeoutMs }: CallOptions): Promise<void> {
    if (messages.length === 0) return;
    const names = new Set(messages.map(({ topic }) => topic));
    // Only what was never met makes the call wait here: messages of one key keep the order of the calls.
    const unknown = [...names].filter((name) => this.#topics.peek(name) === undefined);
    if (unknown.length > 0) await Promise.all(unknown.map((name) => this.#topics.find(name, timeoutMs)));
    await this.#publishing.call(messages.length, timeoutMs, (call) => {
      for (const message of messages) {
        const topic = this.#topics.peek(message.topic);
        if (topic !== undefined) this.#transport.send(message, topic, findPartition(message.key, topic.partitions), call);
      }
    });
  }

  /** @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  async subscribeStream(name: string, consumer: StreamConsumer, options: SubscribeOptions): Promise<StreamSubscription> {
    const topic = await this.#find(name, 'stream', options.timeoutMs);
    const { partitions, close } = await this.#subscribe(topic, options, options.prefetch, (address, reading) =>
      this.#transport.makeStreamReader(address, consumer, reading),
    );
    return { close, ackUpTo: (partition, position) => partitions[partition]?.ackUpTo(position) };
  }

  /** @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  async subscribeQueue(name: string, consumer: QueueConsumer, options: SubscribeOptions): Promise<QueueSubscription> {
    const topic = await this.#find(name, 'queue', options.timeoutMs);
    const share = Math.max(1, Math.floor(options.prefetch / topic.partitions));
    const { partitions, close } = await this.#subscribe(topic, options, share, (address, reading) =>
      this.#transport.makeQueueReader(address, consumer, reading),
    );
    return {
      close,
      ack: (message) => partitions[message.partition]?.ack(message),
      release: (message) => partitions[message.partition]?.release(message),
    };
  }

  /** @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  async readStream(
    name: string,
    partition: number,
    from: number,
    limit: number,
    { timeoutMs }: CallOptions,
  ): Promise<readonly IncomingMessage[]> {
    const topic = await this.#find(name, 'stream', timeoutMs);
    if (partition >= topic.partitions || limit <= 0) return [];
    const address = { topic: name, partition };
    const to = await this.#findEnd(address, timeoutMs);
    return to < from ? [] : this.#transport.read(address, { from, to, limit }, timeoutMs);
  }

  /** Closes all connections; what is not answered counts as failed. */
  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#transport.close();
    this.#publishing.endAll(new StarquakeError('BUS_UNREACHABLE', 'The bus was closed before Pulsar had answered.'));
  }

  async #find(name: string, kind: TopicKind, timeoutMs: number): Promise<KnownTopic> {
    const topic = await this.#topics.find(name, timeoutMs);
    if (topic.kind !== undefined && topic.kind !== kind)
      throw new StarquakeError('STORE_FAILED', `The topic ${name} is a ${topic.kind} and cannot be read as a ${kind}.`);
    return topic;
  }

  /** Reads all partitions, or none if one of them cannot be read. */
  async #subscribe<R extends PartitionReader>(
    topic: KnownTopic,
    { subscription, timeoutMs }: SubscribeOptions,
    prefetch: number,
    makeReader: (address: PartitionAddress, reading: ReadingOptions) => R,
  ): Promise<{ readonly partitions: readonly R[]; readonly close: () => Promise<void> }> {
    // From the first message on that is there: a subscription made by reading would start at the end.
    await this.#admin.createSubscription(topic.name, subscription, timeoutMs);
    const consumerName = `${subscription}-${randomUUID()}`;
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => {
      const address = { topic: topic.name, partition };
      return makeReader(address, { subscription, consumerName, prefetch, findEnd: () => this.#findEnd(address, timeoutMs) });
    });
    let isClosed = false;
    const closable = {
      close: async (): Promise<void> => {
        isClosed = true;
        this.#subscriptions.delete(closable);
        await Promise.all(partitions.map((reader) => reader.close()));
      },
    };
    this.#subscriptions.add(closable);
    const late = Promise.withResolvers<never>();
    const cancelLate = this.#clock.setTimer(this.#clock.now() + timeoutMs, () =>
      late.reject(new StarquakeError('CALL_TIMED_OUT', `Subscribing to ${topic.name} was not answered within ${timeoutMs} ms.`)),
    );
    try {
      await Promise.race([Promise.all(partitions.map((reader) => reader.open())), late.promise]);
    } catch (error) {
      // A subscription that nobody waits for any more would hold its messages for ever.
      await closable.close();
      throw error;
    } finally {
      cancelLate();
    }
    // The caller has its subscription before its first message.
    setImmediate(() => {
      if (!isClosed) for (const reader of partitions) reader.begin();
    });
    return { partitions, close: closable.close };
  }

  async #findEnd({ topic, partition }: PartitionAddress, timeoutMs: number): Promise<number> {
    const last = await this.#admin.findLast(topic, partition, timeoutMs);
    return last.entry < 0 ? -1 : numberPlace(last);
  }
}
