// Fills the projection: everything on `history` and `usage` from the start, then whatever comes.
import { z } from 'zod';
import type { Bus, IncomingMessage, StreamSubscription } from '../ports/bus.ts';
import { ERASED_BODY } from '../protocol/sealed.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { subscriptions, topics, type TopicDefinition } from '../protocol/topics.ts';
import { parseHistoryMessage } from './history-message.ts';
import { mendRows } from './mend-rows.ts';
import type { Projection } from './projection.ts';
import type { AttemptRow } from './run-row.ts';

/** A projection that is being filled. */
export interface HistoryFollower {
  stop(): Promise<void>;
}

type Report = (error: unknown, doing: string) => void;

/** What is done with messages. */
interface Work {
  readonly take: (message: IncomingMessage) => void;
  /** Follows some messages of a partition; what it fails to do is done after the next ones. */
  readonly afterwards?: (partition: number) => Promise<void>;
  readonly report: Report;
}

const CALL = { timeoutMs: 30_000 };
const BATCH = 1_000;

/**
 * Brings the projection up to the present, then keeps it there.
 *
 * @param report - told of messages that cannot be read; they are left out
 * @throws STORE_FAILED
 */
export const followHistory = async (bus: Bus, projection: Projection, report: Report): Promise<HistoryFollower> => {
  await bus.declareTopics([topics.history, topics.usage], CALL);
  const followers = [
    new TopicFollower(bus, topics.history, {
      take: (message) => takeHistory(projection, message),
      afterwards: (partition) => mendRows(bus, projection, partition),
      report,
    }),
    new TopicFollower(bus, topics.usage, { take: (message) => takeUsage(projection, message), report }),
  ];
  await Promise.all(followers.map((follower) => follower.start()));
  return { stop: async () => void (await Promise.all(followers.map((follower) => follower.stop()))) };
};

/** Reads one topic: what is there already, then what comes; what is seen twice on the way does no harm. */
class TopicFollower {
  readonly #bus: Bus;
  readonly #topic: TopicDefinition;
  readonly #work: Work;
  readonly #working = new Map<number, Promise<void>>();
  readonly #taken = new Map<number, number>();
  #subscription: StreamSubscription | undefined;
  #isStopped = false;

  constructor(bus: Bus, topic: TopicDefinition, work: Work) {
    this.#bus = bus;
    this.#topic = topic;
    this.#work = work;
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#topic.partitions }, (_, partition) => this.#catchUp(partition)));
    const consumer = { onMessages: (partition: number, messages: readonly IncomingMessage[]) => this.#receive(partition, messages) };
    this.#subscription = await this.#bus.subscribeStream(this.#topic.name, consumer, {
      ...CALL,
      subscription: subscriptions.query,
      prefetch: BATCH,
    });
    // What came before the subscription was at hand is acked now.
    for (const [partition, position] of this.#taken) this.#subscription.ackUpTo(partition, position);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#subscription?.close();
    await Promise.all(this.#working.values());
  }

  async #catchUp(partition: number): Promise<void> {
    for (let from = 0; !this.#isStopped;) {
      const messages = await this.#bus.readStream(this.#topic.name, partition, from, BATCH, CALL);
      const last = messages.at(-1);
      if (last === undefined) return;
      for (const message of messages) this.#takeSafely(message);
      await this.#work.afterwards?.(partition);
      from = last.position + 1;
    }
  }

  #receive(partition: number, messages: readonly IncomingMessage[]): void {
    for (const message of messages) {
      this.#takeSafely(message);
      if (!this.#isStopped) this.#taken.set(partition, message.position);
    }
    const position = this.#taken.get(partition);
    if (position !== undefined) this.#subscription?.ackUpTo(partition, position);
    this.#followUp(partition);
  }

  /** One after another: what comes meanwhile is seen to by the one that follows. */
  #followUp(partition: number): void {
    const { afterwards, report } = this.#work;
    if (afterwards === undefined) return;
    const before = this.#working.get(partition) ?? Promise.resolve();
    const work = before
      .then(() => (this.#isStopped ? undefined : afterwards(partition)))
      .catch((error: unknown) => report(error, `following "${this.#topic.name}"`));
    this.#working.set(partition, work);
  }

  /** What cannot be read is left out; after a message of a newer version nothing more is taken (rule 7). */
  #takeSafely(message: IncomingMessage): void {
    if (this.#isStopped) return;
    try {
      this.#work.take(message);
    } catch (error) {
      this.#work.report(error, `following "${this.#topic.name}"`);
      this.#isStopped = error instanceof StarquakeError && error.code === 'UPGRADE_ME';
    }
  }
}

const takeHistory = (projection: Projection, { body, partition, position }: IncomingMessage): void => {
  // Of an erased tenant there is nothing to show, and nothing wrong with that.
  if (body === ERASED_BODY) return;
  const message = parseHistoryMessage(body);
  switch (message.type) {
    case 'starquake.commit':
      projection.apply(message.data, { partition, position });
      return;
    case 'starquake.refusal':
      projection.applyRefusal({ ...message.data, ...(message.time !== undefined && { at: Date.parse(message.time) }) });
      return;
    case 'starquake.attempt-running': {
      const { since, ...attempt } = message.data;
      projection.applyAttempt({ ...attempt, state: 'running', at: since });
    }
  }
};

const outcomeStates: Readonly<Record<string, AttemptRow['state']>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  crashed: 'failed',
  timedOut: 'failed',
  later: 'later',
};

/** Of ledger entries only what says how an attempt ended. */
const usageSchema = z.object({
  entries: z.array(
    z.object({
      at: z.number(),
      outcome: z.string(),
      attempt: z.object({ run: z.string(), job: z.int(), generation: z.int(), number: z.int() }).exactOptional(),
    }),
  ),
});

const takeUsage = (projection: Projection, { body }: IncomingMessage): void => {
  for (const { attempt, outcome, at } of usageSchema.parse(JSON.parse(body)).entries) {
    const state = outcomeStates[outcome];
    if (attempt !== undefined && state !== undefined) projection.applyAttempt({ ...attempt, state, at });
  }
};
