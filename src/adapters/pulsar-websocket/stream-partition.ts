// Reads one partition of a stream for one subscription: Failover, so that it is given messages only while it owns the partition.
import type { IncomingMessage, StreamConsumer } from '../../ports/bus.ts';
import type { PartitionAddress, ReadingOptions, StreamReader } from '../pulsar/transport.ts';
import { ConsumerLink } from './consumer-link.ts';
import { writeAckFrame, type ReceivedMessage } from './frames.ts';
import type { LinkContext } from './link.ts';

interface Held {
  readonly position: number;
  readonly messageId: string;
}

/** The most that Pulsar's WebSocket service takes as a receiver queue. */
const LARGEST_QUEUE = 1000;
/** Acked entries are cut off the list of held ones when there are so many. */
const CUT_COUNT = 1024;

/** One partition of a stream. */
export class StreamPartition implements StreamReader {
  readonly #context: LinkContext;
  readonly #address: PartitionAddress;
  readonly #consumer: StreamConsumer;
  readonly #prefetch: number;
  readonly #link: ConsumerLink;
  /** Delivered and not acked, in order; those before `first` are acked. */
  #held: Held[] = [];
  #first = 0;
  #last = -1;
  /** The last of all that were ever delivered here: what is not beyond it was delivered before. */
  #highest = -1;
  #gained = true;
  #batch: IncomingMessage[] = [];
  #closed = false;

  constructor(context: LinkContext, address: PartitionAddress, consumer: StreamConsumer, options: ReadingOptions) {
    this.#context = context;
    this.#address = address;
    this.#consumer = consumer;
    this.#prefetch = options.prefetch;
    this.#link = new ConsumerLink(context, address, {
      ...options,
      query: { subscriptionType: 'Failover', receiverQueueSize: Math.min(LARGEST_QUEUE, Math.max(1, options.prefetch)) },
      onRenewed: () => this.#forgetHeld(),
      onMessage: (message, isSeen) => this.#take(message, isSeen),
    });
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  begin(): void {
    this.#link.begin();
  }

  /** Acks all up to a position: one by one, as the WebSocket service knows no other way. */
  ackUpTo(position: number): void {
    for (let next = this.#held[this.#first]; next !== undefined && next.position <= position; next = this.#held[this.#first]) {
      this.#link.send(writeAckFrame(next.messageId));
      this.#first++;
    }
    if (this.#first >= CUT_COUNT) {
      this.#held = this.#held.slice(this.#first);
      this.#first = 0;
    }
    this.#ask();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#link.close();
  }

  /** What was delivered comes again, from the ack position on. */
  #forgetHeld(): void {
    this.#held = [];
    this.#first = 0;
    this.#gained = true;
  }

  #ask(): void {
    this.#link.ask(this.#prefetch - (this.#held.length - this.#first));
  }

  #take({ messageId, position, content }: ReceivedMessage, isSeen: boolean): void {
    if (position <= this.#last) {
      this.#deliver();
      this.#forgetHeld();
    }
    this.#held.push({ position, messageId });
    this.#last = position;
    // What comes in one go is delivered in one go.
    if (this.#batch.length === 0) setImmediate(() => this.#deliver());
    this.#batch.push({ ...this.#address, position, ...content, redelivered: isSeen || position <= this.#highest });
    this.#highest = Math.max(this.#highest, position);
  }

  #deliver(): void {
    if (this.#batch.length === 0 || this.#closed) return;
    const [messages, gained] = [this.#batch, this.#gained];
    this.#batch = [];
    this.#gained = false;
    try {
      this.#consumer.onMessages(this.#address.partition, messages, gained);
    } catch (error) {
      this.#context.report(error, `reading ${this.#address.topic}`);
    }
    this.#ask();
  }
}
