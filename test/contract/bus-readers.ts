// Consumers that write down what they are given, for the suites of the bus.
import type { Bus, IncomingMessage, OutgoingMessage, QueueSubscription, StreamSubscription } from '../../src/ports/bus.ts';
import type { TopicDefinition } from '../../src/protocol/topics.ts';
import { CALL, makeName } from './harness.ts';

/** A batch as it came. */
export interface Batch {
  readonly partition: number;
  readonly ids: readonly string[];
  readonly gained: boolean;
}

/** A stream consumer and what it was given. */
export interface StreamReader {
  readonly batches: Batch[];
  readonly messages: IncomingMessage[];
  readonly subscription: StreamSubscription;
}

/** A queue consumer and what it was given. */
export interface QueueReader {
  readonly messages: IncomingMessage[];
  readonly subscription: QueueSubscription;
}

export const readStream = async (bus: Bus, topic: string, prefetch = 100, subscription = 'reader'): Promise<StreamReader> => {
  const batches: Batch[] = [];
  const messages: IncomingMessage[] = [];
  const onMessages = (partition: number, batch: readonly IncomingMessage[], gained: boolean): void => {
    batches.push({ partition, ids: batch.map(({ id }) => id), gained });
    messages.push(...batch);
  };
  return { batches, messages, subscription: await bus.subscribeStream(topic, { onMessages }, { ...CALL, subscription, prefetch }) };
};

export const readQueue = async (bus: Bus, topic: string, prefetch = 100, subscription = 'reader'): Promise<QueueReader> => {
  const messages: IncomingMessage[] = [];
  const onMessage = (message: IncomingMessage): void => void messages.push(message);
  return { messages, subscription: await bus.subscribeQueue(topic, { onMessage }, { ...CALL, subscription, prefetch }) };
};

/** Declares a topic of a name of its own. */
export const declare = async (bus: Bus, kind: 'stream' | 'queue', more: Partial<TopicDefinition> = {}): Promise<string> => {
  const name = makeName(kind);
  await bus.declareTopics([{ name, kind, partitions: 1, retained: false, delayed: false, ...more }], CALL);
  return name;
};

/** Messages with these ids, all of one key. */
export const makeMessages = (topic: string, ids: readonly string[], key = 'run-1'): readonly OutgoingMessage[] =>
  ids.map((id) => ({ topic, key, id, body: JSON.stringify({ id, text: 'größer' }) }));

export const publish = (bus: Bus, topic: string, ids: readonly string[], key?: string): Promise<void> =>
  bus.publish(makeMessages(topic, ids, key), CALL);

export const idsOf = (messages: readonly IncomingMessage[]): readonly string[] => messages.map(({ id }) => id);

/** `prefix`1 to `prefix`count. */
export const makeIds = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
