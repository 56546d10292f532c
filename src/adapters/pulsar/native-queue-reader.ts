// Reads one partition of a queue through the native client: Shared, and never more messages than the consumer may hold.
import type { IncomingMessage, QueueConsumer } from '../../ports/bus.ts';
import type { NativeConsumer, NativeMessageId } from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { findPosition, readNative } from './native-messages.ts';
import type { NativeReaderContext } from './native-reader-context.ts';
import { splitPrefetch, type SplitPrefetch } from './split-prefetch.ts';
import type { PartitionAddress, QueueReader, ReadingOptions } from './transport.ts';

const RELEASED_AFTER_MS = 100;
const AGAIN_AFTER_MS = 1000;
/** A consumer that holds nothing and hears nothing for this long is made anew: without a receiver queue, the client does not ask again after a reconnect. */
const RENEW_AFTER_MS = 30_000;

/** One partition of a queue. */
export class NativeQueueReader implements QueueReader {
  readonly #context: NativeReaderContext;
  readonly #address: PartitionAddress;
  readonly #consumer: QueueConsumer;
  readonly #options: ReadingOptions;
  readonly #doing: string;
  readonly #split: SplitPrefetch;
  #native: NativeConsumer | undefined;
  #seenUntil = Number.POSITIVE_INFINITY;
  readonly #held = new Map<number, NativeMessageId>();
  #lastMessageAt = 0;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(context: NativeReaderContext, address: PartitionAddress, consumer: QueueConsumer, options: ReadingOptions) {
    this.#context = context;
    this.#address = address;
    this.#consumer = consumer;
    this.#options = options;
    this.#doing = `reading ${address.topic}`;
    this.#split = splitPrefetch(options.prefetch);
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
        receiverQueueSize: this.#split.queued,
        nAckRedeliverTimeoutMs: RELEASED_AFTER_MS,
      });
    } catch (error) {
      throw describeNativeFailure(this.#doing, error);
    }
    this.#seenUntil = await findEnd();
  }

  begin(): void {
    void this.#read();
    if (this.#split.queued === 0) void this.#watchSilence();
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

  #drop(position: number): void {
    this.#held.delete(position);
    this.#wake();
  }

  async #read(): Promise<void> {
    while (!this.#closed) {
      const native = this.#native;
      try {
        if (native === undefined) await this.open();
        else if (this.#held.size >= this.#split.delivered) await new Promise<void>((resolve) => (this.#wake = resolve));
        else await this.#receive(native);
      } catch (error) {
        // A consumer that was given up for a new one ends with an error that says nothing.
        if (this.#closed || (native !== undefined && native !== this.#native)) continue;
        this.#context.report(describeNativeFailure(this.#doing, error), this.#doing);
        await this.#context.pause(AGAIN_AFTER_MS);
      }
    }
  }

  async #receive(native: NativeConsumer): Promise<void> {
    const message = await native.receive();
    if (this.#closed) return;
    const position = findPosition(message);
    this.#lastMessageAt = this.#context.now();
    this.#held.set(position, message.getMessageId());
    const redelivered = message.getRedeliveryCount() > 0 || position <= this.#seenUntil;
    try {
      this.#consumer.onMessage(readNative(this.#address, message, position, redelivered));
    } catch (error) {
      this.#context.report(error, this.#doing);
    }
  }

  async #watchSilence(): Promise<void> {
    while (!this.#closed) {
      await this.#context.pause(RENEW_AFTER_MS);
      const native = this.#native;
      const isSilent = this.#context.now() - this.#lastMessageAt >= RENEW_AFTER_MS;
      if (this.#closed || native === undefined || !isSilent || this.#held.size > 0) continue;
      this.#native = undefined;
      await native.close().catch((error: unknown) => this.#context.report(error, this.#doing));
    }
  }
}
