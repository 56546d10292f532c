// The way of one partition's messages through the native client: bounded, in order, and what failed goes before what waits.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import type { OutgoingMessage } from '../../ports/bus.ts';
import type { StarquakeError } from '../../protocol/starquake-error.ts';
import type { NativeProducer } from './native-client.ts';
import { describeNativeFailure } from './native-failures.ts';
import { writeNative } from './native-messages.ts';
import type { PublishCall } from './publishing.ts';

interface Sending {
  readonly message: OutgoingMessage;
  readonly call: PublishCall;
  /** In the order of publishing. */
  readonly number: number;
  /** It may be stored already. */
  uncertain: boolean;
}

/** Under way on a partition at once. */
export const WINDOW_MESSAGES = 1000;
const WINDOW_BYTES = 8 * 1024 * 1024;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;
/** Failures that sending again does not mend. */
const LASTING: ReadonlySet<string> = new Set(['BUS_REFUSED', 'PAYLOAD_TOO_LARGE']);

/** Whether sending again may mend it. */
export const mayPass = ({ code }: StarquakeError): boolean => !LASTING.has(code);

/** Messages of one partition on their way. */
export class NativeLane {
  readonly #clock: Clock;
  readonly #doing: string;
  #producer: NativeProducer | undefined;
  #waiting: Sending[] = [];
  #failed: Sending[] = [];
  #taken = 0;
  #underWay = 0;
  #underWayBytes = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelPause: CancelTimer | undefined;

  constructor(clock: Clock, doing: string) {
    this.#clock = clock;
    this.#doing = doing;
  }

  /** Whether a message waits whose call has not ended. */
  get isWanted(): boolean {
    return this.#waiting.some(({ call }) => !call.isOver);
  }

  /** Takes a message over; its call hears how it went. */
  take(message: OutgoingMessage, call: PublishCall): void {
    // Where nothing is sent for long, callers give up and come again.
    if (this.#waiting.length % WINDOW_MESSAGES === WINDOW_MESSAGES - 1)
      this.#waiting = this.#waiting.filter((sending) => !sending.call.isOver);
    this.#waiting.push({ message, call, number: this.#taken++, uncertain: false });
    this.#pump();
  }

  /** Sends from now on, with this producer; not at all when left out. */
  use(producer: NativeProducer | undefined): void {
    this.#producer = producer;
    if (producer === undefined) this.#cancelPause?.();
    this.#pump();
  }

  /** Tells the calls that wait here why they do, or that they need not. */
  hear(failure: StarquakeError): void {
    for (const { call } of this.#waiting) {
      if (mayPass(failure)) call.noteTrouble(failure);
      else call.fail(failure);
    }
    this.#waiting = this.#waiting.filter(({ call }) => !call.isOver);
  }

  #pump(): void {
    const producer = this.#producer;
    // What failed must come first, and is complete once nothing is under way.
    if (producer === undefined || this.#failed.length > 0) return;
    let taken = 0;
    for (const sending of this.#waiting) {
      if (this.#underWay >= WINDOW_MESSAGES || this.#underWayBytes >= WINDOW_BYTES) break;
      taken++;
      if (!sending.call.isOver) void this.#send(producer, sending);
    }
    if (taken > 0) this.#waiting = this.#waiting.slice(taken);
  }

  async #send(producer: NativeProducer, sending: Sending): Promise<void> {
    const { message, call } = sending;
    this.#underWay++;
    this.#underWayBytes += message.body.length;
    try {
      await producer.send(writeNative(message, sending.uncertain || message.again === true));
      this.#pauseMs = FIRST_PAUSE_MS;
      call.noteStored();
    } catch (error) {
      this.#takeFailure(sending, error);
    }
    this.#underWay--;
    this.#underWayBytes -= message.body.length;
    if (this.#failed.length === 0) this.#pump();
    else if (this.#underWay === 0) this.#goOnLater();
  }

  #takeFailure(sending: Sending, error: unknown): void {
    const failure = describeNativeFailure(this.#doing, error);
    if (!mayPass(failure)) return sending.call.fail(failure);
    // The client's own queue was full: it was not sent.
    sending.uncertain ||= failure.code !== 'THROTTLED';
    sending.call.noteTrouble(failure);
    this.#failed.push(sending);
  }

  #goOnLater(): void {
    this.#cancelPause?.();
    this.#cancelPause = this.#clock.setTimer(this.#clock.now() + this.#pauseMs, () => {
      this.#waiting = [...this.#failed.toSorted((a, b) => a.number - b.number), ...this.#waiting];
      this.#failed = [];
      this.#pump();
    });
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }
}
