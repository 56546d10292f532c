// Brings far timers from the timer store to the bus when they are near: publishes, then removes exactly what it published (rule 17).
import { writeDue } from '../context/publish-outbox.ts';
import type { ConnectorContext } from '../context/context.ts';

const ENTRIES_PER_READ = 1000;

/** Moves timers, round after round. */
export class Mover {
  readonly #context: ConnectorContext;
  #round: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  constructor(context: ConnectorContext) {
    this.#context = context;
  }

  /** Begins with a round at once. */
  start(): void {
    if (this.#context.calls.draining) return;
    const { ports, settings } = this.#context;
    this.#round = this.#move()
      .catch((error: unknown) => ports.report(error, 'moving timers'))
      .finally(() => {
        this.#cancel = ports.clock.setTimer(ports.clock.now() + settings.moverIntervalMs, () => this.start());
      });
  }

  async stop(): Promise<void> {
    await Promise.race([this.#round, this.#context.calls.ended]);
    this.#cancel();
  }

  /** Reads from the oldest entry to now + horizon, until nothing is left there. */
  async #move(): Promise<void> {
    const { ports, calls, settings } = this.#context;
    const options = { timeoutMs: settings.callTimeoutMs };
    while (!calls.draining) {
      const now = ports.clock.now();
      const dues = await calls.within('reading timers', settings.callTimeoutMs, () =>
        ports.timers.readDue(now + settings.timerHorizonMs, ENTRIES_PER_READ, options),
      );
      if (dues.length === 0) return;
      const messages = dues.map((due) => writeDue(due, now, settings.timerHoldMs));
      await calls.within('publishing timers', settings.callTimeoutMs, () => ports.bus.publish(messages, options));
      await calls.within('removing timers', settings.callTimeoutMs, () => ports.timers.remove(dues, options));
    }
  }
}
