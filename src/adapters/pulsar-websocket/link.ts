// Keeps a connection to Pulsar open for as long as it is wanted: opens it again, with growing pauses, whenever it breaks.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import type { PulsarAccess } from '../pulsar-admin/pulsar-access.ts';
import { openSocket, type Socket } from './open-socket.ts';

/** What every link of a bus works with. */
export interface LinkContext {
  readonly access: PulsarAccess;
  readonly clock: Clock;
  readonly report: (error: unknown, doing: string) => void;
}

/** What a link connects to, and who hears of it. */
export interface LinkOptions {
  readonly path: string;
  /** For errors, such as `publishing on inbox`. */
  readonly doing: string;
  readonly onUp: () => void;
  readonly onText: (text: string) => void;
  /** The connection broke; answers whether to make another one. */
  readonly onDown: (code: number) => boolean;
  /** A connection could not be made; answers whether to try again. */
  readonly onFailure: (error: unknown) => boolean;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** Below the deadline of the calls that wait for a connection, so that they hear why there is none. */
const OPEN_TIMEOUT_MS = 8000;
/** A connection that held for this long was a good one: the next pause is short. */
const GOOD_MS = 10_000;

/** A connection that comes back. */
export class Link {
  readonly #context: LinkContext;
  readonly #options: LinkOptions;
  #socket: Socket | undefined;
  /** A connection is there, being made, or waited for. */
  #active = false;
  #closed = false;
  #failures = 0;
  #upAt = 0;
  #cancelPause: CancelTimer = () => undefined;
  #opening: Promise<void> | undefined;
  readonly #ending = new AbortController();

  constructor(context: LinkContext, options: LinkOptions) {
    this.#context = context;
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#socket !== undefined;
  }

  /** Begins to connect, unless it has begun already. */
  wake(): void {
    if (this.#active || this.#closed) return;
    this.#active = true;
    this.#opening = this.#open();
  }

  /** Sends, if there is a connection. */
  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Gives the present connection up for a new one. */
  renew(): void {
    const socket = this.#socket;
    if (socket !== undefined) void socket.close();
  }

  /** Closes for good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause();
    this.#ending.abort();
    await this.#opening;
    await this.#socket?.close();
  }

  async #open(): Promise<void> {
    const { path, doing, onUp, onFailure } = this.#options;
    try {
      const { access, clock } = this.#context;
      const { signal } = this.#ending;
      const socket = await openSocket({ access, clock, path, doing, signal, onText: (text) => this.#take(text) }, OPEN_TIMEOUT_MS);
      this.#socket = socket;
      this.#upAt = clock.now();
      void socket.closed.then((code) => this.#lose(code));
    } catch (error) {
      this.#active = false;
      if (!this.#closed && onFailure(error)) this.#tryLater();
      return;
    }
    if (!this.#closed) onUp();
  }

  /** A text that cannot be dealt with must not end the process. */
  #take(text: string): void {
    try {
      this.#options.onText(text);
    } catch (error) {
      this.#context.report(error, this.#options.doing);
    }
  }

  #lose(code: number): void {
    this.#socket = undefined;
    this.#active = false;
    if (this.#context.clock.now() - this.#upAt >= GOOD_MS) this.#failures = 0;
    if (!this.#closed && this.#options.onDown(code)) this.#tryLater();
  }

  /** Connects after a pause that grows with every failure, and is another for each of the many links that broke together. */
  #tryLater(): void {
    this.#active = true;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++) * (1 - Math.random() / 2);
    const { clock } = this.#context;
    this.#cancelPause = clock.setTimer(clock.now() + pause, () => {
      this.#opening = this.#open();
    });
  }
}
