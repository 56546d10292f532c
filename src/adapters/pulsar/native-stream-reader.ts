// Reads one partition of a stream through the native client: Failover, batch by batch, acked cumulatively.
import type { IncomingMessage, StreamConsumer } from '../../ports/bus.ts';
import type { NativeConsumer, NativeMessage, NativeMessageId } from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { findPosition, readNative } from './native-messages.ts';
import type { NativeReaderContext } from './native-reader-context.ts';
import type { PartitionAddress, ReadingOptions, StreamReader } from './transport.ts';

interface Held {
  readonly position: number;
  readonly id: NativeMessageId;
  readonly bytes: number;
}

const LARGEST_BATCH_COUNT = 256;
const LARGEST_BATCH_BYTES = 4 * 1024 * 1024;
/** How long a batch waits to grow once a message is there. */
const BATCH_WAIT_MS = 1;
/** In the receiver queue, which knows no bytes: a message has 64 KiB inline at the most. */
const LARGEST_QUEUE = 1000;
/** Delivered and not acked, unless it is one message. */
const LARGEST_HELD_BYTES = 32 * 1024 * 1024;
const AGAIN_AFTER_MS = 1000;

/** One partition of a stream. */
export class NativeStreamReader implements StreamReader {
  readonly #context: NativeReaderContext;
  readonly #address: PartitionAddress;
  readonly #consumer: StreamConsumer;
  readonly #options: ReadingOptions;
  readonly #doing: string;
  #native: NativeConsumer | undefined;
  #seenUntil = Number.POSITIVE_INFINITY;
  /** Received, and not delivered for lack of room. */
  #received: NativeMessage[] = [];
  #held: Held[] = [];
  #heldBytes = 0;
  #last = -1;
  /** The last of all that were ever delivered here: what is not beyond it was delivered before. */
  #highest = -1;
  #gained = true;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(context: NativeReaderContext, address: PartitionAddress, consumer: StreamConsumer, options: ReadingOptions) {
    this.#context = context;
    this.#address = address;
    this.#consumer = consumer;
    this.#options = options;
    this.#doing = `reading ${address.topic}, partition ${address.partition}`;
  }

  async open(): Promise<void> {
    const { subscription, consumerName, prefetch, findEnd } = this.#options;
    try {
      this.#native = await this.#context.client.subscribe({
        topic: this.#context.nameOf(this.#address),
        subscription,
        consumerName,
        subscriptionType: 'Failover',
        subscriptionInitialPosition: 'Earliest',
        receiverQueueSize: Math.min(LARGEST_QUEUE, Math.max(1, prefetch)),
        // An ack within a batch counts, where the broker allows it.
        batchIndexAckEnabled: true,
        batchReceivePolicy: {
          maxNumMessages: Math.min(LARGEST_BATCH_COUNT, prefetch),
          maxNumBytes: LARGEST_BATCH_BYTES,
          timeoutMs: BATCH_WAIT_MS,
        },
      });
    } catch (error) {
      throw describeNativeFailure(this.#doing, error);
    }
    this.#seenUntil = await findEnd();
  }

  begin(): void {
    if (this.#native !== undefined) void this.#read(this.#native);
  }

  ackUpTo(position: number): void {
    const above = this.#held.findIndex((held) => held.position > position);
    const count = above === -1 ? this.#held.length : above;
    const last = this.#held[count - 1];
    if (last === undefined) return;
    for (const { bytes } of this.#held.splice(0, count)) this.#heldBytes -= bytes;
    this.#native?.acknowledgeCumulativeId(last.id).catch((error: unknown) => this.#context.report(error, this.#doing));
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#native?.close();
  }

  async #read(native: NativeConsumer): Promise<void> {
    let isBusy = false;
    while (!this.#closed) {
      try {
        const room = this.#heldBytes < LARGEST_HELD_BYTES ? this.#options.prefetch - this.#held.length : 0;
        if (room <= 0) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#received.length > 0) this.#deliver(this.#received.splice(0, room));
        else {
          // Waiting for one message costs nothing; waiting for a batch would end, empty, every moment.
          this.#received = isBusy ? [...(await native.batchReceive())] : [await native.receive()];
          isBusy = this.#received.length > 0;
        }
      } catch (error) {
        if (this.#closed) return;
        this.#context.report(describeNativeFailure(this.#doing, error), this.#doing);
        await this.#context.pause(AGAIN_AFTER_MS);
      }
    }
  }

  #deliver(received: readonly NativeMessage[]): void {
    let messages: IncomingMessage[] = [];
    for (const message of received) {
      const id = message.getMessageId();
      const position = findPosition(id);
      if (position <= this.#last) {
        this.#hand(messages);
        messages = [];
        this.#held = [];
        this.#heldBytes = 0;
        this.#gained = true;
      }
      this.#last = position;
      const redelivered = position <= this.#highest || position <= this.#seenUntil || message.getRedeliveryCount() > 0;
      this.#highest = Math.max(this.#highest, position);
      const read = readNative(this.#address, message, position, redelivered);
      this.#held.push({ position, id, bytes: read.body.length });
      this.#heldBytes += read.body.length;
      messages.push(read);
    }
    this.#hand(messages);
  }

  #hand(messages: readonly IncomingMessage[]): void {
    if (messages.length === 0 || this.#closed) return;
    const gained = this.#gained;
    this.#gained = false;
    try {
      this.#consumer.onMessages(this.#address.partition, messages, gained);
    } catch (error) {
      this.#context.report(error, this.#doing);
    }
  }
}
