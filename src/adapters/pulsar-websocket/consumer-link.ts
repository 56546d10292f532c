// A connection that reads one partition for one subscription: asks for as many messages as there is room for, and comes back when it breaks.
import { describeUnreachable } from '../pulsar-admin/bus-failures.ts';
import { readMessageFrame, writePermitFrame, type ReceivedMessage } from './frames.ts';
import { Link, type LinkContext } from './link.ts';
import type { PartitionAddress, ReadingOptions } from '../pulsar/transport.ts';
import { makePath } from './topic-paths.ts';

/** What the connection is told to do, and who hears of it. */
export interface ConsumerLinkOptions extends ReadingOptions {
  readonly query: Readonly<Record<string, string | number | boolean>>;
  /** There is a new connection: what was delivered before and not acked may be anybody's now. */
  readonly onRenewed: () => void;
  /** @param isSeen - it may have been delivered before */
  readonly onMessage: (message: ReceivedMessage, isSeen: boolean) => void;
}

interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A connection that reads. */
export class ConsumerLink {
  readonly #context: LinkContext;
  readonly #options: ConsumerLinkOptions;
  readonly #doing: string;
  readonly #link: Link;
  #settle: Settle | undefined;
  /** Messages that may still come without being asked for. */
  #permitted = 0;
  /** Up to here messages may have been delivered before the connection was made. */
  #seenUntil = Number.POSITIVE_INFINITY;
  #connections = 0;
  #began = false;
  #closed = false;

  constructor(context: LinkContext, address: PartitionAddress, options: ConsumerLinkOptions) {
    this.#context = context;
    this.#options = options;
    this.#doing = `reading ${address.topic}, partition ${address.partition}`;
    const { consumerName, query, subscription } = options;
    // A topic that was deleted and made again has its subscription made here: it must not begin behind what is there already.
    const whole = { ...query, consumerName, pullMode: true, subscriptionInitialPosition: 'Earliest' };
    this.#link = new Link(context, {
      path: makePath('consumer', context.access, address, whole, subscription),
      doing: this.#doing,
      onUp: () => void this.#renewed(),
      onText: (text) => this.#take(text),
      onDown: () => true,
      onFailure: (error) => this.#judgeFailure(error),
    });
  }

  /** How many messages may still come. */
  get permitted(): number {
    return this.#permitted;
  }

  /** Connects. @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  open(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#link.wake();
    return ready;
  }

  /** Begins to ask for messages. */
  begin(): void {
    this.#began = true;
    this.ask(this.#options.prefetch);
  }

  /** Has messages come until `room` of them may be on their way; a few at a time would cost a text each. */
  ask(room: number): void {
    if (!this.#began || this.#closed || !this.#link.isUp) return;
    const more = room - this.#permitted;
    if (more <= 0 || (this.#permitted > 0 && more * 2 < this.#options.prefetch)) return;
    this.#permitted += more;
    this.#link.send(writePermitFrame(more));
  }

  send(text: string): void {
    this.#link.send(text);
  }

  /** Gives the present connection up for a new one. */
  renew(): void {
    this.#link.renew();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#settle?.reject(describeUnreachable(this.#doing, this.#context.access.webUrl, 'it is not wanted any more'));
    this.#settle = undefined;
    return this.#link.close();
  }

  async #renewed(): Promise<void> {
    this.#permitted = 0;
    this.#seenUntil = Number.POSITIVE_INFINITY;
    this.#options.onRenewed();
    const connection = ++this.#connections;
    // Everything counts as seen where the end cannot be found, which is always safe.
    const seenUntil = await this.#options.findEnd().catch((error: unknown) => {
      this.#context.report(error, this.#doing);
      return Number.POSITIVE_INFINITY;
    });
    // An answer that comes after the next connection says nothing of what that one is given.
    if (connection !== this.#connections) return;
    this.#seenUntil = seenUntil;
    this.#settle?.resolve();
    this.#settle = undefined;
    this.ask(this.#options.prefetch);
  }

  #take(text: string): void {
    if (this.#closed) return;
    this.#permitted--;
    const message = readMessageFrame(text);
    this.#options.onMessage(message, message.redeliveries > 0 || message.position <= this.#seenUntil);
  }

  /** The first connection is its caller's to repeat; later ones are made again here. */
  #judgeFailure(error: unknown): boolean {
    if (this.#settle === undefined) {
      this.#context.report(error, this.#doing);
      return true;
    }
    this.#settle.reject(error);
    return false;
  }
}
