// Reads one partition of a queue through the native client: Shared, and never more messages than the consumer may hold.
import type { IncomingMessage, QueueConsumer } from '../../ports/bus.ts';
import type { NativeConsumer, NativeMessage, NativeMessageId } from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { findPosition, readNative } from './native-messages.ts';
import type { NativeReaderContext } from './native-reader-context.ts';
import { splitPrefetch } from './split-prefetch.ts';
import type { PartitionAddress, QueueReader, ReadingOptions } from './transport.ts';

/** The shortest that the client knows. */
const RELEASED_AFTER_MS = 100;
/** How long a batch waits to grow once a message is there. */
const BATCH_WAIT_MS = 1;
const AGAIN_AFTER_MS = 1000;
/** Shorter than the client's own pause before it connects again. */
const WATCH_MS = 50;

/** One partition of a queue. */
export class NativeQueueReader implements QueueReader {
  readonly #context: NativeReaderContext;
  readonly #address: PartitionAddress;
  readonly #consumer: QueueConsumer;
  readonly #options: ReadingOptions;
  readonly #doing: string;
  /** In the receiver queue at once; 0 to ask for each message by itself. */
  readonly #queued: number;
  readonly #mostHeld: number;
  #native: NativeConsumer | undefined;
  #seenUntil = Number.POSITIVE_INFINITY;
  /** Received, and not delivered for lack of room: a receiver queue full at the most. */
  #received: NativeMessage[] = [];
  /**
   * The last of all that were ever delivered here: what is not beyond it comes again, as a queue gives out in order what is new. Pulsar
   * does not say so of what a consumer had that is gone.
   */
  #highest = -1;
  /** How often it was seen without a connection. */
  #losses = 0;
  #isLooking = false;
  readonly #held = new Map<number, NativeMessageId>();
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(context: NativeReaderContext, address: PartitionAddress, consumer: QueueConsumer, options: ReadingOptions) {
    this.#context = context;
    this.#address = address;
    this.#consumer = consumer;
    this.#options = options;
    this.#doing = `reading ${address.topic}`;
    const { queued, delivered } = splitPrefetch(options.prefetch);
    this.#queued = queued;
    this.#mostHeld = delivered - queued;
  }

  async open(): Promise<void> {
    const { subscription, consumerName, findEnd } = this.#options;
    try {
      this.#native = await this.#context.client.subscribe({
        topic: this.#context.nameOf(this.#address),
        subscription,
        consumerName,
        subscriptionType: 'Shared',
        subscriptionInitialPosition: 'Earliest',
        receiverQueueSize: this.#queued,
        nAckRedeliverTimeoutMs: RELEASED_AFTER_MS,
        ...(this.#queued > 0 && { batchReceivePolicy: { maxNumMessages: this.#queued, maxNumBytes: -1, timeoutMs: BATCH_WAIT_MS } }),
      });
    } catch (error) {
      throw describeNativeFailure(this.#doing, error);
    }
    this.#seenUntil = await findEnd();
  }

  begin(): void {
    void this.#watchConnection();
    if (this.#native !== undefined) void this.#read(this.#native);
  }

  ack({ position }: IncomingMessage): void {
    const id = this.#held.get(position);
    if (id === undefined) return;
    this.#native?.acknowledgeId(id).catch((error: unknown) => this.#context.report(error, this.#doing));
    this.#drop(position);
  }

  release({ position }: IncomingMessage): void {
    const id = this.#held.get(position);
    if (id !== undefined) this.#native?.negativeAcknowledgeId(id);
    this.#drop(position);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#native?.close();
  }

  /** On a new connection may come what another consumer had: all that is there by then counts as delivered before. */
  async #watchConnection(): Promise<void> {
    for (; !this.#closed && this.#native !== undefined; await this.#context.pause(WATCH_MS)) {
      if (!this.#native.isConnected()) {
        this.#losses++;
        this.#seenUntil = Number.POSITIVE_INFINITY;
      } else if (this.#seenUntil === Number.POSITIVE_INFINITY && !this.#isLooking) void this.#findSeen();
    }
  }

  async #findSeen(): Promise<void> {
    this.#isLooking = true;
    const losses = this.#losses;
    try {
      const seenUntil = await this.#options.findEnd();
      // An answer that comes after the next loss says nothing of what is given after it.
      if (losses === this.#losses) this.#seenUntil = seenUntil;
    } catch (error) {
      // Everything counts as seen until it is known, which is always safe.
      this.#context.report(error, this.#doing);
      await this.#context.pause(AGAIN_AFTER_MS);
    } finally {
      this.#isLooking = false;
    }
  }

  #drop(position: number): void {
    this.#held.delete(position);
    this.#wake();
  }

  /** One call after another: the answers of several at once come in no order. */
  async #read(native: NativeConsumer): Promise<void> {
    let isBusy = false;
    while (!this.#closed) {
      try {
        const room = this.#mostHeld - this.#held.size;
        if (room <= 0) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if (this.#received.length > 0) for (const message of this.#received.splice(0, room)) this.#deliver(message);
        else {
          // Waiting for one message costs nothing; waiting for a batch would end, empty, every moment.
          this.#received = isBusy ? [...(await native.batchReceive())] : [await native.receive()];
          // Without a receiver queue there are no batches.
          isBusy = this.#received.length > 0 && this.#queued > 0;
        }
      } catch (error) {
        await this.#rest(error);
      }
    }
  }

  async #rest(error: unknown): Promise<void> {
    // What waits ends with an error when it is closed; that says nothing.
    if (this.#closed) return;
    this.#context.report(describeNativeFailure(this.#doing, error), this.#doing);
    await this.#context.pause(AGAIN_AFTER_MS);
  }

  #deliver(message: NativeMessage): void {
    if (this.#closed) return;
    try {
      const id = message.getMessageId();
      const position = findPosition(id);
      this.#held.set(position, id);
      const redelivered = position <= Math.max(this.#seenUntil, this.#highest) || message.getRedeliveryCount() > 0;
      this.#highest = Math.max(this.#highest, position);
      this.#consumer.onMessage(readNative(this.#address, message, position, redelivered));
    } catch (error) {
      this.#context.report(error, this.#doing);
    }
  }
}
