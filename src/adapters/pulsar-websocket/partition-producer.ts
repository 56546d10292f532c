// Publishes on one partition: many messages under way on one connection, answered one by one, sent again when it breaks.
import type { OutgoingMessage } from '../../ports/bus.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { describeRefusal } from '../pulsar-admin/bus-failures.ts';
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
}

/** Under way on a connection at once. */
const WINDOW_MESSAGES = 1000;
const WINDOW_BYTES = 8 * 1024 * 1024;
/** WebSocket's code for a text that is larger than the other side takes. */
const TOO_LARGE = 1009;
/** Codes of errors that trying again does not mend. */
const LASTING = new Set(['BUS_REFUSED', 'SETTINGS_INVALID']);
const TOO_LARGE_FOR_TOPIC = /bigger than|exceeds? max|too large/i;

const tooLarge = (message: OutgoingMessage): StarquakeError =>
  new StarquakeError('PAYLOAD_TOO_LARGE', `The message ${message.id} of ${message.body.length} characters is larger than Pulsar takes.`, {
    hint: 'Raise webSocketMaxTextFrameSize and maxMessageSize of the brokers.',
  });

/** Publishes on one partition. */
export class PartitionProducer {
  readonly #link: Link;
  readonly #doing: string;
  /** Not sent on the present connection. */
  #waiting: Sending[] = [];
  /** Sent and not answered, in the order of sending. */
  readonly #unanswered = new Map<string, Sending>();
  #unansweredBytes = 0;
  #sent = 0;

  constructor(context: LinkContext, address: PartitionAddress) {
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
    this.#waiting.push({ message, call, uncertain: false });
    if (this.#link.isUp) this.#pump();
    else this.#link.wake();
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #pump(): void {
    let taken = 0;
    for (const sending of this.#waiting) {
      if (!this.#link.isUp || this.#unanswered.size >= WINDOW_MESSAGES || this.#unansweredBytes >= WINDOW_BYTES) break;
      taken++;
      if (sending.call.isOver) continue;
      const context = String(this.#sent++);
      this.#unanswered.set(context, sending);
      this.#unansweredBytes += sending.message.body.length;
      this.#link.send(writeMessageFrame(sending.message, sending.uncertain || sending.message.again === true, context));
    }
    if (taken > 0) this.#waiting = this.#waiting.slice(taken);
  }

  #takeAnswer(text: string): void {
    const { context, failure } = readAnswerFrame(text);
    const sending = context === undefined ? undefined : this.#unanswered.get(context);
    if (context === undefined || sending === undefined) return;
    this.#unanswered.delete(context);
    this.#unansweredBytes -= sending.message.body.length;
    if (failure === undefined) sending.call.noteStored();
    else sending.call.fail(this.#describeFailure(sending.message, failure));
    if (this.#waiting.length > 0) this.#pump();
  }

  #describeFailure(message: OutgoingMessage, failure: string): StarquakeError {
    if (TOO_LARGE_FOR_TOPIC.test(failure)) return tooLarge(message);
    return describeRefusal(this.#doing, { status: 500, reason: failure });
  }

  /** What was not answered goes before what was not sent: the order of publishing is kept. */
  #sendAgain(code: number): boolean {
    const unanswered = [...this.#unanswered.values()];
    this.#unanswered.clear();
    this.#unansweredBytes = 0;
    const largest = unanswered.reduce((most, { message }) => Math.max(most, message.body.length), 0);
    for (const sending of unanswered) {
      sending.uncertain = true;
      if (code === TOO_LARGE && sending.message.body.length === largest) sending.call.fail(tooLarge(sending.message));
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
}
