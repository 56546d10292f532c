// Publishes on one topic through the native client: one lane per partition, so that one that stands does not hold up the others.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import type { OutgoingMessage } from '../../ports/bus.ts';
import { LARGEST_BATCH } from '../pulsar-admin/message-position.ts';
import type { KnownTopic } from '../pulsar-admin/topic-directory.ts';
import type { NativeClient, NativeProducer } from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { NativeLane, WINDOW_MESSAGES } from './native-lane.ts';
import type { PublishCall } from './publishing.ts';

/** Then the client gives all up that it holds of a partition, and the lane sends it again, marked. It cannot be switched off. */
const SEND_TIMEOUT_MS = 30_000;
const AGAIN_AFTER_MS = 500;

/** Publishes on one topic. */
export class NativeTopicProducer {
  readonly #client: NativeClient;
  readonly #clock: Clock;
  readonly #topic: KnownTopic;
  readonly #fullName: string;
  readonly #doing: string;
  readonly #lanes = new Map<number, NativeLane>();
  #producer: NativeProducer | undefined;
  #opening: Promise<void> | undefined;
  #cancelPause: CancelTimer | undefined;
  #closed = false;

  /** @param fullName - the topic with its tenant and namespace */
  constructor(client: NativeClient, clock: Clock, topic: KnownTopic, fullName: string) {
    this.#client = client;
    this.#clock = clock;
    this.#topic = topic;
    this.#fullName = fullName;
    this.#doing = `publishing on ${topic.name}`;
  }

  /** Takes a message over; its call hears how it went. */
  send(message: OutgoingMessage, partition: number, call: PublishCall): void {
    const known = this.#lanes.get(partition);
    const lane = known ?? new NativeLane(this.#clock, this.#doing);
    if (known === undefined) {
      this.#lanes.set(partition, lane);
      lane.use(this.#producer);
    }
    lane.take(message, call);
    if (this.#producer === undefined) this.#open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause?.();
    await this.#opening;
    for (const lane of this.#lanes.values()) lane.use(undefined);
    await this.#producer?.close();
  }

  #open(): void {
    if (this.#closed) return;
    this.#opening ??= this.#createProducer()
      .then((producer) => {
        this.#producer = producer;
        for (const lane of this.#lanes.values()) lane.use(producer);
      })
      .catch((error: unknown) => this.#takeFailure(error))
      .finally(() => (this.#opening = undefined));
  }

  #createProducer(): Promise<NativeProducer> {
    // A batch of a queue would go to one consumer as a whole, and no delayed message could be in it.
    const batchingEnabled = this.#topic.kind === 'stream';
    // More than the lanes let through: blocking would stop the whole process.
    const maxPendingMessages = WINDOW_MESSAGES * 2;
    return this.#client.createProducer({
      topic: this.#fullName,
      hashingScheme: 'Murmur3_32Hash',
      messageRoutingMode: 'UseSinglePartition',
      compressionType: 'LZ4',
      sendTimeoutMs: SEND_TIMEOUT_MS,
      blockIfQueueFull: false,
      maxPendingMessages,
      maxPendingMessagesAcrossPartitions: maxPendingMessages * this.#topic.partitions,
      batchingEnabled,
      ...(batchingEnabled && { batchingMaxMessages: LARGEST_BATCH, batchingMaxPublishDelayMs: 1 }),
    });
  }

  #takeFailure(error: unknown): void {
    const failure = describeNativeFailure(this.#doing, error);
    for (const lane of this.#lanes.values()) lane.hear(failure);
    this.#cancelPause = this.#clock.setTimer(this.#clock.now() + AGAIN_AFTER_MS, () => {
      if ([...this.#lanes.values()].some(({ isWanted }) => isWanted)) this.#open();
    });
  }
}
