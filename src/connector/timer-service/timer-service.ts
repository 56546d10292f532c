// Reads `timers`: holds what is due soon until its clock reaches it, has the timer function sort what came due, publishes it (rule 17).
import { timerAnswerSchema, type TimerRequest } from '../../protocol/functions.ts';
import { TIMER_FUNCTION } from '../../protocol/manifest.ts';
import { dueSchema, type Due } from '../../protocol/messages.ts';
import { subscriptions, topics } from '../../protocol/topics.ts';
import type { IncomingMessage, QueueSubscription } from '../../ports/bus.ts';
import type { ConnectorContext, Loop } from '../context/context.ts';
import { bury, describeNewer, readMessage } from '../context/read-message.ts';
import { publishDues } from '../context/publish-outbox.ts';
import { Mover } from './mover.ts';

const PREFETCH = 10_000;
const TIMEOUT_MS = 30_000;
const BATCH = 500;
/** Invocations of the timer function under way at once; what comes due meanwhile shares the next one. */
const SORTING = 2;

interface Held {
  readonly incoming: IncomingMessage;
  readonly due: Due;
}

/** The loop from `timers` to wherever each message is due. */
export class TimerService implements Loop {
  readonly #context: ConnectorContext;
  readonly #mover: Mover;
  readonly #working = new Set<Promise<void>>();
  #queue: QueueSubscription | undefined;
  #givenUp = false;
  #due: Held[] = [];
  #sorting = 0;

  constructor(context: ConnectorContext) {
    this.#context = context;
    this.#mover = new Mover(context);
  }

  /** Begins to read, and to move far timers near. */
  async start(): Promise<void> {
    const { ports, settings } = this.#context;
    const options = { subscription: subscriptions.timerService, prefetch: PREFETCH, timeoutMs: settings.callTimeoutMs };
    this.#queue = await ports.bus.subscribeQueue(topics.timers.name, { onMessage: (incoming) => this.#take(incoming) }, options);
    // What is newer may have come before the subscription was answered.
    if (this.#givenUp) await this.#queue.close();
    this.#mover.start();
  }

  async stop(): Promise<void> {
    await this.#mover.stop();
    await Promise.race([Promise.all(this.#working), this.#context.calls.ended]);
    await this.#queue?.close();
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#context.ports.report(error, 'firing timers'))
      .finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  #take(incoming: IncomingMessage): void {
    if (this.#context.calls.draining || this.#givenUp) return;
    const { ports, settings } = this.#context;
    const read = readMessage(incoming.body, dueSchema);
    if (read.kind === 'invalid')
      this.#track(bury(this.#context, incoming, read.error).then((buried) => (buried ? this.#queue?.ack(incoming) : undefined)));
    if (read.kind === 'newer') this.#giveUp(incoming);
    if (read.kind !== 'message') return;
    const held = { incoming, due: read.message };
    const inMs = held.due.dueAt - ports.clock.now();
    // It came early twice: the bus has another clock, so it is held here.
    if (inMs > settings.timerHoldMs && !incoming.again) this.#track(this.#putOff([held]));
    else if (inMs > 0) ports.clock.setTimer(held.due.dueAt, () => this.#gather(held));
    else this.#gather(held);
  }

  /** What is of a newer version is left to a newer connector (rule 7). */
  #giveUp(incoming: IncomingMessage): void {
    this.#givenUp = true;
    this.#context.ports.report(describeNewer(incoming), `reading ${incoming.topic}`);
    const closing = this.#queue?.close();
    if (closing) this.#track(closing);
  }

  #gather(held: Held): void {
    this.#due.push(held);
    if (this.#due.length === 1) queueMicrotask(() => this.#fireGathered());
  }

  #fireGathered(): void {
    if (this.#context.calls.draining) this.#due = [];
    while (this.#due.length > 0 && this.#sorting < SORTING) this.#track(this.#fire(this.#due.splice(0, BATCH)));
  }

  /** Came early by more than is held: published once more, to come later. */
  async #putOff(early: readonly Held[]): Promise<void> {
    const { calls, settings } = this.#context;
    const published = await calls.untilDone('putting timers off', settings.callTimeoutMs, async () => {
      await publishDues(
        this.#context,
        early.map(({ due }) => due),
        [],
        true,
      );
      return true;
    });
    if (published) for (const { incoming } of early) this.#queue?.ack(incoming);
  }

  async #fire(batch: readonly Held[]): Promise<void> {
    const { calls, settings, ports } = this.#context;
    this.#sorting++;
    const sorted = await calls.untilDone('the timer function', TIMEOUT_MS + settings.callTimeoutMs, () => this.#sort(batch));
    this.#sorting--;
    this.#fireGathered();
    if (!sorted) return;
    const due = sorted.fire.flatMap((index) => batch[index] ?? []);
    const letters = due.map(({ due: { topic, key, id, message } }) => ({ topic, key, id, body: message }));
    const published = await calls.untilDone('publishing what is due', settings.callTimeoutMs, async (again) => {
      if (letters.length > 0)
        await ports.bus.publish(again ? letters.map((letter) => ({ ...letter, again })) : letters, { timeoutMs: settings.callTimeoutMs });
      return true;
    });
    if (!published) return;
    for (const {
      due: { dueAt },
    } of due)
      ports.telemetry?.measure('starquake_timer_lateness_seconds', (ports.clock.now() - dueAt) / 1000);
    for (const { incoming } of due) this.#queue?.ack(incoming);
    for (const held of sorted.early.flatMap((index) => batch[index] ?? [])) this.#take(held.incoming);
  }

  async #sort(batch: readonly Held[]): Promise<{ readonly fire: readonly number[]; readonly early: readonly number[] }> {
    const { ports, meter, settings } = this.#context;
    // What is to be published does not matter for when: without it, a batch is never too large for a function.
    const dues = batch.map(({ due }) => ({ ...due, message: '' }));
    const request: TimerRequest = { v: settings.writeVersion, now: ports.clock.now(), dues };
    const result = await ports.functions.invoke(TIMER_FUNCTION, JSON.stringify(request), { timeoutMs: TIMEOUT_MS });
    const runs = batch.map(({ due }) => ({ run: due.key, workflow: '' }));
    meter.record(
      { function: TIMER_FUNCTION, kind: 'timer', app: '', outcome: result.kind === 'answered' ? 'succeeded' : 'crashed', runs },
      result.report,
    );
    if (result.kind === 'failed') throw new Error(result.failure.message);
    return timerAnswerSchema.parse(JSON.parse(result.payload));
  }
}
