// Reads one partition of a queue for one subscription: Shared, and never more messages than the consumer may hold.
import type { CancelTimer } from '../../ports/clock.ts';
import type { IncomingMessage, QueueConsumer } from '../../ports/bus.ts';
import type { PartitionAddress, QueueReader, ReadingOptions } from '../pulsar/transport.ts';
import { splitPrefetch, type SplitPrefetch } from '../pulsar/split-prefetch.ts';
import { ConsumerLink } from './consumer-link.ts';
import { writeAckFrame, writeReleaseFrame, type ReceivedMessage } from './frames.ts';
import type { LinkContext } from './link.ts';

/** A message that was given back comes again after this long. */
const RELEASED_AFTER_MS = 100;
/**
 * The service behind a connection may connect to another broker without a word, which then gives what others had, unmarked. A topic takes
 * longer than this to move, so what is younger is new.
 */
const NEW_MS = 500;
/**
 * A connection on which nothing comes for this long is made anew while the consumer holds nothing: without a receiver queue, the
 * service does not ask a broker again that has taken the topic over.
 */
const RENEW_AFTER_MS = 30_000;

/** One partition of a queue. */
export class QueuePartition implements QueueReader {
  readonly #context: LinkContext;
  readonly #address: PartitionAddress;
  readonly #consumer: QueueConsumer;
  readonly #split: SplitPrefetch;
  readonly #link: ConsumerLink;
  /** Delivered and neither acked nor released: message ids by position. */
  #held = new Map<number, string>();
  /** Delivered on a connection before this one: the broker may have given them to another consumer. */
  readonly #stale = new Map<number, string>();
  /**
   * The last of all that were ever delivered here: what is not beyond it comes again, as a queue gives out in order what is new. Pulsar
   * does not say so of what a consumer had that is gone.
   */
  #highest = -1;
  #asking = false;
  #lastMessageAt = 0;
  #cancelRenewal: CancelTimer = () => undefined;
  #closed = false;

  constructor(context: LinkContext, address: PartitionAddress, consumer: QueueConsumer, options: ReadingOptions) {
    this.#context = context;
    this.#address = address;
    this.#consumer = consumer;
    this.#split = splitPrefetch(options.prefetch);
    const { queued, delivered } = this.#split;
    this.#link = new ConsumerLink(context, address, {
      ...options,
      prefetch: delivered,
      query: { subscriptionType: 'Shared', receiverQueueSize: queued, negativeAckRedeliveryDelay: RELEASED_AFTER_MS },
      onRenewed: () => this.#forgetHeld(),
      onMessage: (message, isSeen) => this.#take(message, isSeen),
    });
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  begin(): void {
    this.#link.begin();
    if (this.#split.queued === 0) this.#watchSilence();
  }

  ack({ position }: IncomingMessage): void {
    const messageId = this.#held.get(position) ?? this.#stale.get(position);
    if (messageId === undefined) return;
    this.#link.send(writeAckFrame(messageId));
    this.#drop(position);
  }

  release({ position }: IncomingMessage): void {
    const messageId = this.#held.get(position);
    if (messageId !== undefined) this.#link.send(writeReleaseFrame(messageId));
    this.#drop(position);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#cancelRenewal();
    return this.#link.close();
  }

  #forgetHeld(): void {
    for (const [position, messageId] of this.#held) this.#stale.set(position, messageId);
    this.#held = new Map();
  }

  #drop(position: number): void {
    this.#held.delete(position);
    this.#stale.delete(position);
    if (this.#asking) return;
    this.#asking = true;
    // Acks of one go ask for their successors in one go.
    setImmediate(() => {
      this.#asking = false;
      this.#ask();
    });
  }

  #ask(): void {
    this.#link.ask(this.#split.delivered - this.#held.size);
  }

  #take({ messageId, position, publishedAt, content }: ReceivedMessage, isSeen: boolean): void {
    this.#lastMessageAt = this.#context.clock.now();
    this.#held.set(position, messageId);
    const redelivered = isSeen || position <= this.#highest || this.#lastMessageAt - publishedAt > NEW_MS;
    this.#highest = Math.max(this.#highest, position);
    // Room that was too little to be asked for is asked for now, as nothing else may come to remind of it.
    if (this.#link.permitted === 0) this.#ask();
    try {
      this.#consumer.onMessage({ ...this.#address, position, ...content, redelivered });
    } catch (error) {
      this.#context.report(error, `reading ${this.#address.topic}`);
    }
  }

  #watchSilence(): void {
    const { clock } = this.#context;
    if (this.#closed) return;
    this.#cancelRenewal = clock.setTimer(clock.now() + RENEW_AFTER_MS, () => {
      const isSilent = clock.now() - this.#lastMessageAt >= RENEW_AFTER_MS;
      if (isSilent && this.#held.size === 0 && this.#link.permitted > 0) this.#link.renew();
      this.#watchSilence();
    });
  }
}
