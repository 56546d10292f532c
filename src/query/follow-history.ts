// Fills the projection: everything on `history` and `usage` from the start, then whatever comes.
import { z } from 'zod';
import type { Bus, IncomingMessage, StreamSubscription } from '../ports/bus.ts';
import { StarquakeError } from '../protocol/errors.ts';
import { subscriptions, topics, type TopicDefinition } from '../protocol/topics.ts';
import { parseHistoryMessage } from './history-message.ts';
import type { Projection } from './projection.ts';
import type { AttemptRow } from './run-row.ts';

/** A projection that is being filled. */
export interface HistoryFollower {
  stop(): Promise<void>;
}

const CALL = { timeoutMs: 30_000 };
const BATCH = 1_000;

type Take = (message: IncomingMessage) => void;

/**
 * Brings the projection up to the present, then keeps it there.
 *
 * @param report - told of messages that cannot be read; they are left out
 * @throws STORE_FAILED
 */
export const followHistory = async (bus: Bus, projection: Projection, report: (error: unknown, doing: string) => void): Promise<HistoryFollower> => {
  await bus.declareTopics([topics.history, topics.usage], CALL);
  const followers = await Promise.all([
    followTopic(bus, topics.history, (message) => takeHistory(projection, message), report),
    followTopic(bus, topics.usage, (message) => takeUsage(projection, message), report),
  ]);
  return { stop: async () => void (await Promise.all(followers.map((follower) => follower.close()))) };
};

const followTopic = async (bus: Bus, topic: TopicDefinition, take: Take, report: (error: unknown, doing: string) => void): Promise<StreamSubscription> => {
  const doing = `following "${topic.name}"`;
  const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition);
  const caughtUp = await Promise.all(partitions.map((partition) => catchUp(bus, topic, partition, (message) => takeSafely(message, take, report, doing))));
  let isStopped = caughtUp.includes(false);
  let subscription: StreamSubscription | undefined;
  // What came before the subscription was at hand is acked once it is.
  const taken = new Map<number, number>();
  const onMessages = (partition: number, messages: readonly IncomingMessage[]): void => {
    for (const message of messages) {
      isStopped ||= !takeSafely(message, take, report, doing);
      if (isStopped) return;
      taken.set(partition, message.position);
    }
    const position = taken.get(partition);
    if (position !== undefined) subscription?.ackUpTo(partition, position);
  };
  subscription = await bus.subscribeStream(topic.name, { onMessages }, { ...CALL, subscription: subscriptions.query, prefetch: BATCH });
  for (const [partition, position] of taken) subscription.ackUpTo(partition, position);
  return subscription;
};

/** False when `take` has stopped it. */
const catchUp = async (bus: Bus, topic: TopicDefinition, partition: number, take: (message: IncomingMessage) => boolean): Promise<boolean> => {
  for (let from = 0; ; ) {
    const messages = await bus.readStream(topic.name, partition, from, BATCH, CALL);
    if (!messages.every(take)) return false;
    const last = messages.at(-1);
    if (last === undefined) return true;
    from = last.position + 1;
  }
};

/** False when the message is of a newer version: then nothing more is taken (rule 7). */
const takeSafely = (message: IncomingMessage, take: Take, report: (error: unknown, doing: string) => void, doing: string): boolean => {
  try {
    take(message);
    return true;
  } catch (error) {
    report(error, doing);
    return !(error instanceof StarquakeError && error.code === 'UPGRADE_ME');
  }
};

const takeHistory = (projection: Projection, { body, partition, position }: IncomingMessage): void => {
  const message = parseHistoryMessage(body);
  switch (message.type) {
    case 'starquake.commit':
      projection.apply(message.data, { partition, position });
      return;
    case 'starquake.refusal':
      projection.applyRefusal(message.data);
      return;
    case 'starquake.attempt-running': {
      const { since, ...attempt } = message.data;
      projection.applyAttempt({ ...attempt, state: 'running', at: since });
    }
  }
};

const outcomeStates: Readonly<Record<string, AttemptRow['state']>> = { succeeded: 'succeeded', failed: 'failed', crashed: 'failed', timedOut: 'failed', later: 'later' };

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
