// The bus on Pulsar's native client: the connector's way, for as much as a cluster carries.
import type { IncomingMessage, OutgoingMessage, QueueConsumer, StreamConsumer } from '../../ports/bus.ts';
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { describeLate } from '../pulsar-admin/bus-failures.ts';
import { findPlace, writeMessageId } from '../pulsar-admin/message-position.ts';
import type { KnownTopic } from '../pulsar-admin/topic-directory.ts';
import {
  createNativeClient,
  loadNativeModule,
  type NativeAccess,
  type NativeClient,
  type NativeModule,
  type NativeReader,
} from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { findPosition, readNative } from './native-messages.ts';
import { NativeTopicProducer } from './native-producer.ts';
import { NativeQueueReader } from './native-queue-reader.ts';
import type { NativeReaderContext } from './native-reader-context.ts';
import { NativeStreamReader } from './native-stream-reader.ts';
import { PulsarBus, type PulsarBusOptions } from './pulsar-bus.ts';
import type { PublishCall } from './publishing.ts';
import type { PartitionAddress, PulsarTransport, QueueReader, ReadingOptions, StreamReader, Stretch } from './transport.ts';

/** What the bus stands on. */
export interface NativeBusOptions extends PulsarBusOptions {
  readonly access: NativeAccess;
}

/** The longest that a thread of the process is held for a message. */
const LONGEST_READ_MS = 500;

class NativeTransport implements PulsarTransport {
  readonly #module: NativeModule;
  readonly #client: NativeClient;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #context: NativeReaderContext;
  readonly #producers = new Map<string, NativeTopicProducer>();
  readonly #pauses = new Set<CancelTimer>();

  constructor(module: NativeModule, { access, clock, report }: NativeBusOptions) {
    this.#module = module;
    this.#client = createNativeClient(module, access, report);
    this.#clock = clock;
    this.#prefix = `persistent://${access.tenant}/${access.namespace}/`;
    this.#context = {
      client: this.#client,
      nameOf: (address) => this.#nameOf(address),
      report,
      pause: (ms) => this.#pause(ms),
    };
  }

  /** The client chooses the partition itself, and the same one: it hashes the key as `protocol/partition.ts` does. */
  send(message: OutgoingMessage, topic: KnownTopic, partition: number, call: PublishCall): void {
    const known = this.#producers.get(topic.name);
    const producer = known ?? new NativeTopicProducer(this.#client, this.#clock, topic, `${this.#prefix}${topic.name}`);
    this.#producers.set(topic.name, producer);
    producer.send(message, partition, call);
  }

  makeStreamReader(address: PartitionAddress, consumer: StreamConsumer, options: ReadingOptions): StreamReader {
    return new NativeStreamReader(this.#context, address, consumer, options);
  }

  makeQueueReader(address: PartitionAddress, consumer: QueueConsumer, options: ReadingOptions): QueueReader {
    return new NativeQueueReader(this.#context, address, consumer, options);
  }

  async read(address: PartitionAddress, stretch: Stretch, timeoutMs: number): Promise<readonly IncomingMessage[]> {
    const doing = `reading ${address.topic}, partition ${address.partition}`;
    const { ledger, entry } = findPlace(stretch.from);
    const { MessageId } = this.#module;
    try {
      const reader = await this.#client.createReader({
        topic: this.#nameOf(address),
        // A reader starts behind the message that it is given.
        startMessageId: stretch.from === 0 ? MessageId.earliest() : MessageId.deserialize(writeMessageId(ledger, entry - 1)),
      });
      try {
        return await this.#readOn(reader, address, stretch, this.#clock.now() + timeoutMs);
      } finally {
        await reader.close();
      }
    } catch (error) {
      throw describeNativeFailure(doing, error);
    }
  }

  async close(): Promise<void> {
    for (const cancel of this.#pauses) cancel();
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
    await this.#client.close();
  }

  async #readOn(
    reader: NativeReader,
    address: PartitionAddress,
    { from, to, limit }: Stretch,
    deadline: number,
  ): Promise<readonly IncomingMessage[]> {
    const messages: IncomingMessage[] = [];
    for (let position = -1; position < to && messages.length < limit;) {
      const left = deadline - this.#clock.now();
      if (left <= 0) throw describeLate(`reading ${address.topic}, partition ${address.partition}`, left);
      const message = await reader.readNext(Math.min(LONGEST_READ_MS, left)).catch((error: unknown) => {
        const failure = describeNativeFailure('reading', error);
        if (failure.code !== 'CALL_TIMED_OUT') throw failure;
        return undefined;
      });
      if (message === undefined) continue;
      position = findPosition(message.getMessageId());
      if (position >= from && position <= to) messages.push(readNative(address, message, position, false));
    }
    return messages;
  }

  #nameOf({ topic, partition }: PartitionAddress): string {
    return `${this.#prefix}${topic}-partition-${partition}`;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#pauses.delete(stop);
        resolve();
      };
      const cancel = this.#clock.setTimer(this.#clock.now() + ms, end);
      const stop = (): void => {
        cancel();
        end();
      };
      this.#pauses.add(stop);
    });
  }
}

/**
 * Makes a bus over the native client; it connects when it is used.
 *
 * @param load - where the client comes from: the package `pulsar-client`, unless something else is at hand
 * @throws PULSAR_CLIENT_MISSING
 * @example
 * const access = { webUrl: 'http://localhost:8080', brokerUrl: 'pulsar://localhost:6650', tenant: 'acme', namespace: 'main' };
 * const bus = await createNativePulsarBus({ access, clock: systemClock, report });
 */
export const createNativePulsarBus = async (options: NativeBusOptions, load = loadNativeModule): Promise<PulsarBus> =>
  new PulsarBus(options, new NativeTransport(await load(), options));
