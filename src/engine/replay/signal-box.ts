// Signals of a run: those that came and were not read, and those who wait, each in order.

/** Who waits for a signal. */
export interface SignalWaiter {
  take(value: unknown): void;
}

/** Signals by name. */
export class SignalBox {
  readonly #unread: { readonly signal: string; readonly value: unknown }[] = [];
  readonly #waiting = new Map<string, SignalWaiter[]>();

  /** Hands the signal to who has waited longest, or keeps it. */
  put(signal: string, value: unknown): void {
    const waiter = this.#waiting.get(signal)?.shift();
    if (waiter) waiter.take(value);
    else this.keep(signal, value);
  }

  /** Keeps the signal, whoever waits. */
  keep(signal: string, value: unknown): void {
    this.#unread.push({ signal, value });
  }

  /** The oldest unread signal of that name, removed. */
  take(signal: string): { readonly value: unknown } | undefined {
    const at = this.#unread.findIndex((unread) => unread.signal === signal);
    return at < 0 ? undefined : this.#unread.splice(at, 1)[0];
  }

  wait(signal: string, waiter: SignalWaiter): void {
    const waiting = this.#waiting.get(signal);
    if (waiting) waiting.push(waiter);
    else this.#waiting.set(signal, [waiter]);
  }

  forget(signal: string, waiter: SignalWaiter): void {
    const waiting = this.#waiting.get(signal) ?? [];
    const at = waiting.indexOf(waiter);
    if (at >= 0) waiting.splice(at, 1);
  }

  /** What nobody has read. */
  get unread(): readonly { readonly signal: string; readonly value: unknown }[] {
    return this.#unread;
  }
}
