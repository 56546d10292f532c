// Calls of publish that wait for answers: each ends when all its messages are answered, when one is refused, or at its deadline.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { describeLate } from '../pulsar-admin/bus-failures.ts';

/** One call of publish. */
export interface PublishCall {
  /** It has ended: what is left of it need not be sent any more. */
  readonly isOver: boolean;
  /** One of its messages is stored. */
  noteStored(): void;
  /** One of its messages is not stored, and will not be. */
  fail(error: Error): void;
  /** Why it is waiting, for the case that it waits too long. */
  noteTrouble(error: Error): void;
}

/** Deadlines are looked at in steps of this: a timer for every call would cost more than the calls. */
const STEP_MS = 250;

class WaitingCall implements PublishCall {
  readonly #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };
  readonly #deadline: number;
  readonly #timeoutMs: number;
  #left: number;
  #trouble: Error | undefined;
  isOver = false;

  constructor(
    count: number,
    deadline: number,
    timeoutMs: number,
    settle: { readonly resolve: () => void; readonly reject: (error: Error) => void },
  ) {
    this.#left = count;
    this.#deadline = deadline;
    this.#timeoutMs = timeoutMs;
    this.#settle = settle;
  }

  noteStored(): void {
    if (this.isOver || --this.#left > 0) return;
    this.isOver = true;
    this.#settle.resolve();
  }

  fail(error: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#settle.reject(error);
  }

  noteTrouble(error: Error): void {
    this.#trouble = error;
  }

  endIfLate(now: number): void {
    if (now >= this.#deadline) this.fail(this.#trouble ?? describeLate('publishing', this.#timeoutMs));
  }
}

/** The calls under way. */
export class Publishing {
  readonly #clock: Clock;
  readonly #calls = new Set<WaitingCall>();
  #cancel: CancelTimer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Begins a call and resolves when it ends.
   *
   * @param send - hands its messages over, each with the call
   */
  async call(count: number, timeoutMs: number, send: (call: PublishCall) => void): Promise<void> {
    let call: WaitingCall | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        call = new WaitingCall(count, this.#clock.now() + timeoutMs, timeoutMs, { resolve, reject });
        this.#calls.add(call);
        this.#watch();
        send(call);
      });
    } finally {
      if (call) this.#calls.delete(call);
    }
  }

  /** Ends all calls. */
  endAll(error: Error): void {
    for (const call of this.#calls) call.fail(error);
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #watch(): void {
    this.#cancel ??= this.#clock.setTimer(this.#clock.now() + STEP_MS, () => {
      this.#cancel = undefined;
      const now = this.#clock.now();
      for (const call of this.#calls) call.endIfLate(now);
      if (this.#calls.size > 0) this.#watch();
    });
  }
}
