// The port to the message bus: streams that one owner per partition reads in order, queues that are shared out.
import type { CallOptions } from './clock.ts';

/** A message on its way out. */
export interface OutgoingMessage {
  readonly topic: string;
  /** Partitions a stream; without meaning on a queue. */
  readonly key: string;
  /** Deterministic name of the message (protocol/message-ids.ts). */
  readonly id: string;
  /** JSON text. */
  readonly body: string;
  /** Milliseconds since the epoch, on delayed topics only: may come early by a second, or late. */
  readonly deliverAt?: number;
  /** It may have been published before (rule 4). */
  readonly again?: boolean;
}

/** A message as it was read. */
export interface IncomingMessage {
  readonly topic: string;
  readonly partition: number;
  /** Order within the partition; what a stream is acked by. Adapters give it; greater is later, and it starts at 0 or above. */
  readonly position: number;
  readonly key: string;
  readonly id: string;
  readonly body: string;
  readonly again: boolean;
  /** It was delivered before, to this or another consumer. */
  readonly redelivered: boolean;
}

/** Reads a stream: Failover, so that each partition has one consumer at a time, and that one knows nothing of losing it. */
export interface StreamConsumer {
  /**
   * A batch of one partition, in order. It starts at the ack position whenever the partition is gained: positions at or below
   * the last one seen mean that it was lost and gained again, and `gained` says so too.
   */
  onMessages(partition: number, messages: readonly IncomingMessage[], gained: boolean): void;
}

/** Reads a queue: each message goes to one consumer, in no order that counts. */
export interface QueueConsumer {
  onMessage(message: IncomingMessage): void;
}

/** A stream subscription. */
export interface StreamSubscription {
  /** Acks all messages of the partition up to and including `position`. Lazy and best effort: a lost ack means a redelivery. */
  ackUpTo(partition: number, position: number): void;
  /** Ends the reading; unacked messages go to the next owner. */
  close(): Promise<void>;
}

/** A queue subscription. */
export interface QueueSubscription {
  /** Lazy and best effort: a lost ack means a redelivery. */
  ack(message: IncomingMessage): void;
  /** Gives the message back, to be delivered again. */
  release(message: IncomingMessage): void;
  close(): Promise<void>;
}

/** How to read. */
export interface SubscribeOptions extends CallOptions {
  readonly subscription: string;
  /** At most this many messages delivered and not acked: per partition of a stream, per subscription of a queue. */
  readonly prefetch: number;
}

/** The message bus. Topics exist once declared. */
export interface Bus {
  /** Makes sure that topics exist; declaring twice is harmless. @throws STORE_FAILED */
  declareTopics(
    topics: readonly {
      readonly name: string;
      readonly kind: 'stream' | 'queue';
      readonly partitions: number;
      readonly retained: boolean;
      readonly delayed: boolean;
    }[],
    options: CallOptions,
  ): Promise<void>;
  /** Resolves when all messages are durable; on an error any part of them may be. */
  publish(messages: readonly OutgoingMessage[], options: CallOptions): Promise<void>;
  subscribeStream(topic: string, consumer: StreamConsumer, options: SubscribeOptions): Promise<StreamSubscription>;
  subscribeQueue(topic: string, consumer: QueueConsumer, options: SubscribeOptions): Promise<QueueSubscription>;
  /** Reads a retained stream from a position on, without a subscription; `undefined` positions start at the beginning. Ends at the present end. */
  readStream(topic: string, partition: number, from: number, limit: number, options: CallOptions): Promise<readonly IncomingMessage[]>;
}
