// What the bus on Pulsar needs of a way to reach it: WebSocket and the native client are two of them.
import type { IncomingMessage, OutgoingMessage, QueueConsumer, StreamConsumer } from '../../ports/bus.ts';
import type { KnownTopic } from '../pulsar-admin/topic-directory.ts';
import type { PublishCall } from './publishing.ts';

/** One partition of a topic. */
export interface PartitionAddress {
  readonly topic: string;
  readonly partition: number;
}

/** How a partition is read. */
export interface ReadingOptions {
  readonly subscription: string;
  /** The same on every partition of one subscriber: the broker shares the partitions of a stream out by it. */
  readonly consumerName: string;
  readonly prefetch: number;
  /** The position of the partition's last message now; -1 when there is none. */
  readonly findEnd: () => Promise<number>;
}

/** What to read without a subscription. */
export interface Stretch {
  /** Positions from here on. */
  readonly from: number;
  /** Up to this position. */
  readonly to: number;
  readonly limit: number;
}

/** Reads one partition for one subscription. */
export interface PartitionReader {
  /** Connects. @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  open(): Promise<void>;
  /** Begins to deliver. */
  begin(): void;
  close(): Promise<void>;
}

/** Reads one partition of a stream. */
export interface StreamReader extends PartitionReader {
  ackUpTo(position: number): void;
}

/** Reads one partition of a queue. */
export interface QueueReader extends PartitionReader {
  ack(message: IncomingMessage): void;
  release(message: IncomingMessage): void;
}

/** A way to reach Pulsar. */
export interface PulsarTransport {
  /** Hands a message over, in the order of publishing; its call hears how it went. */
  send(message: OutgoingMessage, topic: KnownTopic, partition: number, call: PublishCall): void;
  makeStreamReader(address: PartitionAddress, consumer: StreamConsumer, options: ReadingOptions): StreamReader;
  makeQueueReader(address: PartitionAddress, consumer: QueueConsumer, options: ReadingOptions): QueueReader;
  /** @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  read(address: PartitionAddress, stretch: Stretch, timeoutMs: number): Promise<readonly IncomingMessage[]>;
  /** Closes what sends; readers are closed before. */
  close(): Promise<void>;
}
