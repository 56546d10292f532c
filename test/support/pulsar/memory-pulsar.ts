// A Pulsar in memory behind the native client's interface and the admin API: proves the adapter's own code where there is no addon.
import { z } from 'zod';
import { findPartition } from '../../../src/protocol/partition.ts';
import { parseMessageId, writeMessageId } from '../../../src/adapters/pulsar-admin/message-position.ts';
import type {
  NativeClient,
  NativeConsumer,
  NativeMessageId,
  NativeModule,
  NativeProducer,
  NativeReader,
} from '../../../src/adapters/pulsar/native-client.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { LEDGER, MemoryPartition } from './memory-partition.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

/** A Pulsar in memory. */
export interface MemoryPulsar {
  readonly webUrl: string;
  readonly load: () => Promise<NativeModule>;
  /** Breaks the connections of all consumers of a topic. */
  breakConnections(topic: string): void;
  /** Has the next sends fail, each with such a text, whether or not they are stored. */
  failSends(failures: readonly string[]): void;
  close(): Promise<void>;
}

const subscribeSchema = z.object({
  topic: z.string(),
  subscription: z.string(),
  consumerName: z.string(),
  subscriptionType: z.enum(['Failover', 'Shared']),
  receiverQueueSize: z.int(),
  batchReceivePolicy: z.object({ maxNumMessages: z.int() }).exactOptional(),
});
const producerSchema = z.object({ topic: z.string(), blockIfQueueFull: z.literal(false), hashingScheme: z.literal('Murmur3_32Hash') });
const messageIdSchema = z.custom<NativeMessageId>((value) => typeof value === 'object' && value !== null && 'serialize' in value);
const readerSchema = z.object({ topic: z.string(), startMessageId: messageIdSchema });

const KEPT_POLICIES = {
  autoTopicCreationOverride: { allowAutoTopicCreation: false },
  deduplicationEnabled: true,
  delayed_delivery_policies: { active: true },
  inactive_topic_policies: { deleteWhileInactive: false },
  message_ttl_in_seconds: 0,
  backlog_quota_map: { destination_storage: { limitSize: 100 * 1024 ** 3, policy: 'producer_request_hold' } },
};

class MemoryTopics {
  readonly #clock: Clock;
  readonly #topics = new Map<string, readonly MemoryPartition[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(name: string): readonly MemoryPartition[] {
    const topic = this.#topics.get(name.slice(name.lastIndexOf('/') + 1));
    if (topic === undefined) throw new Error('Failed to create producer: TopicNotFound');
    return topic;
  }

  findPartition(name: string): MemoryPartition {
    const [, topic = '', number = '0'] = /^(.*)-partition-(\d+)$/.exec(name) ?? [];
    const partition = this.find(topic)[Number(number)];
    if (partition === undefined) throw new Error('Failed to create consumer: TopicNotFound');
    return partition;
  }

  /** Answers the calls of the admin API that the bus makes. */
  answer(method: string, path: string, body: string): { readonly status: number; readonly value?: unknown } {
    if (path.includes('/namespaces/')) return { status: 200, value: KEPT_POLICIES };
    const [, name = '', what = ''] = /\/persistent\/[^/]+\/[^/]+\/([^/]+)\/(\w+)/.exec(path) ?? [];
    if (what === 'lastMessageId') return { status: 200, value: { ledgerId: LEDGER, entryId: this.findPartition(name).length - 1 } };
    if (what === 'partitions' && method === 'PUT') {
      this.#topics.set(
        name,
        Array.from({ length: Number(body) }, (_, partition) => new MemoryPartition(partition, this.#clock)),
      );
      return { status: 204 };
    }
    const topic = this.#topics.get(name);
    if (topic === undefined) return { status: 404 };
    if (what === 'partitions') return { status: 200, value: { partitions: topic.length } };
    if (what === 'subscriptions') return { status: 200, value: [] };
    return method === 'GET' ? { status: 200 } : { status: 204 };
  }
}

const makeClientClass = (topics: MemoryTopics, failures: string[]): NativeModule['Client'] =>
  class MemoryClient implements NativeClient {
    static setLogHandler(): void {
      // There is nothing to say.
    }

    async createProducer(config: unknown): Promise<NativeProducer> {
      const partitions = topics.find(producerSchema.parse(config).topic);
      return {
        send: (message) => {
          partitions[findPartition(message.partitionKey, partitions.length)]?.add(message);
          const failure = failures.shift();
          return failure === undefined ? Promise.resolve() : Promise.reject(new Error(`Failed to send message: ${failure}`));
        },
        close: () => Promise.resolve(),
      };
    }

    async subscribe(config: unknown): Promise<NativeConsumer> {
      const wish = subscribeSchema.parse(config);
      return topics.findPartition(wish.topic).subscribe({
        subscription: wish.subscription,
        shared: wish.subscriptionType === 'Shared',
        name: wish.consumerName,
        queueSize: wish.receiverQueueSize,
        batchSize: wish.batchReceivePolicy?.maxNumMessages ?? 1,
      });
    }

    async createReader(config: unknown): Promise<NativeReader> {
      const { topic, startMessageId } = readerSchema.parse(config);
      const { entry } = parseMessageId(startMessageId.serialize());
      // The place before the first entry comes out as a very large number.
      return topics.findPartition(topic).read(entry > Number.MAX_SAFE_INTEGER ? -1 : entry);
    }

    close(): Promise<void> {
      return Promise.resolve();
    }
  };

/** Brings a Pulsar up in memory. */
export const startMemoryPulsar = async (clock: Clock): Promise<MemoryPulsar> => {
  const topics = new MemoryTopics(clock);
  const failures: string[] = [];
  const standIn: StandIn = await startStandIn({ onAdmin: (method, path, body) => topics.answer(method, path, body) });
  const before = { serialize: () => writeMessageId(LEDGER, -1) };
  const module: NativeModule = {
    Client: makeClientClass(topics, failures),
    MessageId: { earliest: () => before, deserialize: (data) => ({ serialize: () => data }) },
    AuthenticationToken: class {},
    AuthenticationTls: class {},
  };
  return {
    webUrl: standIn.webUrl,
    load: () => Promise.resolve(module),
    breakConnections: (topic) => {
      for (const partition of topics.find(topic)) partition.rewind();
    },
    failSends: (more) => void failures.push(...more),
    close: () => standIn.close(),
  };
};
