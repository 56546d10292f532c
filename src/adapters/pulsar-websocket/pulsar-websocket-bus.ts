// The bus on Pulsar's own WebSocket service: the whole port without a native part.
import type { IncomingMessage, OutgoingMessage, QueueConsumer, StreamConsumer } from '../../ports/bus.ts';
import type { KnownTopic } from '../pulsar-admin/topic-directory.ts';
import { PulsarBus, type PulsarBusOptions } from '../pulsar/pulsar-bus.ts';
import type { PublishCall } from '../pulsar/publishing.ts';
import type { PartitionAddress, PulsarTransport, QueueReader, ReadingOptions, StreamReader, Stretch } from '../pulsar/transport.ts';
import type { LinkContext } from './link.ts';
import { PartitionProducer } from './partition-producer.ts';
import { QueuePartition } from './queue-partition.ts';
import { readPartition } from './read-partition.ts';
import { StreamPartition } from './stream-partition.ts';

class WebSocketTransport implements PulsarTransport {
  readonly #context: LinkContext;
  readonly #producers = new Map<string, PartitionProducer>();

  constructor(context: LinkContext) {
    this.#context = context;
  }

  send(message: OutgoingMessage, topic: KnownTopic, partition: number, call: PublishCall): void {
    const name = `${topic.name}-partition-${partition}`;
    const producer = this.#producers.get(name) ?? new PartitionProducer(this.#context, { topic: topic.name, partition });
    this.#producers.set(name, producer);
    producer.send(message, call);
  }

  makeStreamReader(address: PartitionAddress, consumer: StreamConsumer, options: ReadingOptions): StreamReader {
    return new StreamPartition(this.#context, address, consumer, options);
  }

  makeQueueReader(address: PartitionAddress, consumer: QueueConsumer, options: ReadingOptions): QueueReader {
    return new QueuePartition(this.#context, address, consumer, options);
  }

  read(address: PartitionAddress, stretch: Stretch, timeoutMs: number): Promise<readonly IncomingMessage[]> {
    return readPartition(this.#context, address, stretch, timeoutMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
  }
}

/**
 * Makes a bus over WebSocket; it connects when it is used.
 *
 * @example
 * const access = { webUrl: 'http://localhost:8080', tenant: 'acme', namespace: 'main' };
 * const bus = createPulsarWebSocketBus({ access, clock: systemClock, report });
 */
export const createPulsarWebSocketBus = (options: PulsarBusOptions): PulsarBus => {
  const { access, clock, report } = options;
  return new PulsarBus(options, new WebSocketTransport({ access, clock, report }));
};
