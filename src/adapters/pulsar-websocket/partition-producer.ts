// Publishes on one partition: many messages under way on one connection, answered one by one, sent again when it breaks.
import type { CancelTimer } from '../../ports/clock.ts';
import type { OutgoingMessage } from '../../ports/bus.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { describeRefusal } from '../pulsar-admin/bus-failures.ts';
import { findObstacle } from './find-obstacle.ts';
import { readAnswerFrame, writeMessageFrame } from './frames.ts';
import { Link, type LinkContext } from './link.ts';
import type { PublishCall } from '../pulsar/publishing.ts';
import type { PartitionAddress } from '../pulsar/transport.ts';
import { makePath } from './topic-paths.ts';

interface Sending {
  readonly message: OutgoingMessage;
  readonly call: PublishCall;
  /** It may be stored already: its answer was lost with a connection. */
  uncertain: boolean;
  /** Of its text, once it was sent. */
  bytes: number;
}

/** Under way on a connection at once. */
const WINDOW_MESSAGES = 1000;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** WebSocket's code for a text that is larger than the other side takes. */
const TOO_LARGE = 1009;
/** Codes of errors that trying again does not mend. */
const LASTING = new Set(['BUS_REFUSED', 'SETTINGS_INVALID']);
/** The service answers with what the client within it says: its words, without a code. */
const TOO_LARGE_FOR_TOPIC = /bigger than|exceeds \d+ bytes|exceeds? max|too large/i;
/** Publishing that gets no answer for this long is looked into. */
const STALLED_MS = 3000;
const LOOK_TIMEOUT_MS = 5000;

const tooLarge = (message: OutgoingMessage): StarquakeError =>
  new StarquakeError(
    'PAYLOAD_TOO_LARGE',
    `The message ${message.id} of ${Buffer.byteLength(message.body)} bytes is larger than Pulsar takes.`,
    { hint: 'Raise webSocketMaxTextFrameSize and maxMessageSize of the brokers.' },
  );

/** Publishes on one partition. */
export class PartitionProducer {
  readonly #context: LinkContext;
  readonly #address: PartitionAddress;
  readonly #link: Link;
  readonly #doing: string;
  /** Not sent on the present connection. */
  #waiting: Sending[] = [];
  /** Sent and not answered, in the order of sending. */
  readonly #unanswered = new Map<string, Sending>();
  #unansweredBytes = 0;
  #sent = 0;
  /** When an answer last came, or something to send when there was nothing; in milliseconds since the epoch. */
  #movedAt = 0;
  #cancelWatch: CancelTimer | undefined;
  #closed = false;

  constructor(context: LinkContext, address: PartitionAddress) {
    this.#context = context;
    this.#address = address;
    this.#doing = `publishing on ${address.topic}, partition ${address.partition}`;
    this.#link = new Link(context, {
      path: makePath('producer', context.access, address, { sendTimeoutMillis: 30_000 }),
      doing: this.#doing,
      onUp: () => this.#pump(),
      onText: (text) => this.#takeAnswer(text),
      onDown: (code) => this.#sendAgain(code),
      onFailure: (error) => this.#judgeFailure(error),
    });
  }

  /** Takes a message over; its call hears how it went. */
  send(message: OutgoingMessage, call: PublishCall): void {
    if (this.#unanswered.size + this.#waiting.length === 0) this.#movedAt = this.#context.clock.now();
    this.#waiting.push({ message, call, uncertain: false, bytes: 0 });
    if (this.#cancelWatch === undefined) this.#watch();
    if (this.#link.isUp) this.#pump();
    else this.#link.wake();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#cancelWatch?.();
    return this.#link.close();
  }

  #pump(): void {
    let taken = 0;
    for (const sending of this.#waiting) {
      if (!this.#link.isUp || this.#unanswered.size >= WINDOW_MESSAGES || this.#unansweredBytes >= WINDOW_BYTES) break;
      taken++;
      if (sending.call.isOver) continue;
      const context = String(this.#sent++);
      const text = writeMessageFrame(sending.message, sending.uncertain || sending.message.again === true, context);
      sending.bytes = text.length;
      this.#unanswered.set(context, sending);
      this.#unansweredBytes += text.length;
      this.#link.send(text);
    }
    if (taken > 0) this.#waiting = this.#waiting.slice(taken);
  }

  #takeAnswer(text: string): void {
    const { context, failure } = readAnswerFrame(text);
    const sending = context === undefined ? undefined : this.#unanswered.get(context);
    if (context === undefined || sending === undefined) return;
    this.#movedAt = this.#context.clock.now();
    this.#unanswered.delete(context);
    this.#unansweredBytes -= sending.bytes;
    if (failure === undefined) sending.call.noteStored();
    else this.#fail(sending, failure);
    if (this.#waiting.length > 0) this.#pump();
  }

  #fail({ call, message }: Sending, failure: string): void {
    if (TOO_LARGE_FOR_TOPIC.test(failure)) return call.fail(tooLarge(message));
    call.fail(describeRefusal(this.#doing, { status: 500, reason: failure }));
    // The service's own producer may be closed for good: a new connection gets a new one.
    return this.#link.renew();
  }

  /** What was not answered goes before what was not sent: the order of publishing is kept. */
  #sendAgain(code: number): boolean {
    const unanswered = [...this.#unanswered.values()];
    this.#unanswered.clear();
    this.#unansweredBytes = 0;
    const largest = unanswered.reduce((most, { bytes }) => Math.max(most, bytes), 0);
    for (const sending of unanswered) {
      sending.uncertain = true;
      if (code === TOO_LARGE && sending.bytes === largest) sending.call.fail(tooLarge(sending.message));
    }
    this.#waiting = [...unanswered, ...this.#waiting].filter(({ call }) => !call.isOver);
    return this.#waiting.length > 0;
  }

  #judgeFailure(error: unknown): boolean {
    const trouble = error instanceof Error ? error : new StarquakeError('BUS_UNREACHABLE', String(error));
    const lasts = trouble instanceof StarquakeError && LASTING.has(trouble.code);
    for (const { call } of this.#waiting) {
      if (lasts) call.fail(trouble);
      else call.noteTrouble(trouble);
    }
    this.#waiting = this.#waiting.filter(({ call }) => !call.isOver);
    return this.#waiting.length > 0;
  }

  #watch(): void {
    const { clock, report } = this.#context;
    this.#cancelWatch = clock.setTimer(clock.now() + STALLED_MS, () => {
      this.#look().catch((error: unknown) => report(error, this.#doing));
    });
  }

  /** Publishers of a partition without room wait unanswered: their callers are told why, and repeat the call. */
  async #look(): Promise<void> {
    const { access, clock } = this.#context;
    try {
      if (clock.now() - this.#movedAt < STALLED_MS) return;
      const obstacle = await findObstacle(access, this.#address, LOOK_TIMEOUT_MS);
      if (obstacle === undefined) return;
      for (const { call } of [...this.#unanswered.values(), ...this.#waiting]) call.fail(obstacle);
      // What waits at the service would be stored together with what the callers repeat.
      this.#link.renew();
    } finally {
      this.#waiting = this.#waiting.filter(({ call }) => !call.isOver);
      this.#cancelWatch = undefined;
      if (!this.#closed && this.#unanswered.size + this.#waiting.length > 0) this.#watch();
    }
  }
}
