// Publishes on one topic through the native client: messages under way are bounded, and one that fails is sent again.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import type { OutgoingMessage } from '../../ports/bus.ts';
import { LARGEST_BATCH } from '../pulsar-admin/message-position.ts';
import type { KnownTopic } from '../pulsar-admin/topic-directory.ts';
import type { NativeClient, NativeProducer } from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { writeNative } from './native-messages.ts';
import type { PublishCall } from './publishing.ts';

interface Sending {
  readonly message: OutgoingMessage;
  readonly call: PublishCall;
  /** It may be stored already. */
  uncertain: boolean;
}

const WINDOW_MESSAGES = 2000;
const SEND_TIMEOUT_MS = 30_000;
const AGAIN_AFTER_MS = 250;
/** Failures that sending again does not mend. */
const LASTING = new Set(['BUS_REFUSED', 'PAYLOAD_TOO_LARGE']);

/** Publishes on one topic. */
export class NativeTopicProducer {
  readonly #client: NativeClient;
  readonly #clock: Clock;
  readonly #topic: KnownTopic;
  readonly #fullName: string;
  #producer: NativeProducer | undefined;
  #opening: Promise<void> | undefined;
  #waiting: Sending[] = [];
  #underWay = 0;
  #cancelPause: CancelTimer = () => undefined;
  #closed = false;

  /** @param fullName - the topic with its tenant and namespace */
  constructor(client: NativeClient, clock: Clock, topic: KnownTopic, fullName: string) {
    this.#client = client;
    this.#clock = clock;
    this.#topic = topic;
    this.#fullName = fullName;
  }

  /** Takes a message over; its call hears how it went. */
  send(message: OutgoingMessage, call: PublishCall): void {
    this.#waiting.push({ message, call, uncertain: false });
    this.#pump();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause();
    await this.#opening;
    await this.#producer?.close();
  }

  #pump(): void {
    if (this.#closed || this.#waiting.length === 0) return;
    const producer = this.#producer;
    if (producer === undefined) {
      this.#opening ??= this.#open();
      return;
    }
    let taken = 0;
    for (const sending of this.#waiting) {
      if (this.#underWay >= WINDOW_MESSAGES) break;
      taken++;
      if (sending.call.isOver) continue;
      this.#underWay++;
      void this.#sendOne(producer, sending);
    }
    this.#waiting = this.#waiting.slice(taken);
  }

  async #sendOne(producer: NativeProducer, sending: Sending): Promise<void> {
    const { message, call } = sending;
    try {
      await producer.send(writeNative(message, sending.uncertain || message.again === true));
      call.noteStored();
    } catch (error) {
      sending.uncertain = true;
      this.#takeFailure(sending, error);
    }
    this.#underWay--;
    this.#pump();
  }

  #takeFailure(sending: Sending, error: unknown): void {
    const failure = describeNativeFailure(`publishing on ${this.#topic.name}`, error);
    if (LASTING.has(failure.code)) return sending.call.fail(failure);
    sending.call.noteTrouble(failure);
    this.#cancelPause = this.#clock.setTimer(this.#clock.now() + AGAIN_AFTER_MS, () => {
      this.#waiting.push(sending);
      this.#pump();
    });
  }

  async #open(): Promise<void> {
    // A batch of a queue would go to one consumer as a whole, and no delayed message could be in it.
    const batchingEnabled = this.#topic.kind === 'stream';
    try {
      this.#producer = await this.#client.createProducer({
        topic: this.#fullName,
        hashingScheme: 'Murmur3_32Hash',
        messageRoutingMode: 'UseSinglePartition',
        compressionType: 'LZ4',
        sendTimeoutMs: SEND_TIMEOUT_MS,
        // Blocking would stop the whole process: the window here is smaller than the client's.
        blockIfQueueFull: false,
        maxPendingMessages: WINDOW_MESSAGES * 2,
        batchingEnabled,
        ...(batchingEnabled && { batchingMaxMessages: LARGEST_BATCH, batchingMaxPublishDelayMs: 1 }),
      });
    } catch (error) {
      const failure = describeNativeFailure(`publishing on ${this.#topic.name}`, error);
      for (const { call } of this.#waiting) call.fail(failure);
      this.#waiting = [];
    }
    this.#opening = undefined;
    this.#pump();
  }
}
