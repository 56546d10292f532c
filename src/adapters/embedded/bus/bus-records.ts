// How topics, subscriptions and acks lie in the journal.
import type { TopicDefinition } from '../../../protocol/topics.ts';
import type { SubscriptionName, TopicIdentity } from './embedded-topic.ts';
import type { RecordBuffer } from '../journal/record-buffer.ts';
import type { RecordReader } from '../journal/record-reader.ts';
import type { RetainedExtent } from './retained-history.ts';

const FLAG = { stream: 1, retained: 2, delayed: 4 } as const;

export const writeTopic = (payload: RecordBuffer, { number, definition }: TopicIdentity): void => {
  payload.addInteger(number);
  payload.addInteger(definition.partitions);
  payload.addByte(
    (definition.kind === 'stream' ? FLAG.stream : 0) | (definition.retained ? FLAG.retained : 0) | (definition.delayed ? FLAG.delayed : 0),
  );
  payload.addText(definition.name);
};

export const readTopic = (payload: RecordReader): TopicIdentity => {
  const number = payload.takeInteger();
  const partitions = payload.takeInteger();
  const flags = payload.takeByte();
  const kind = (flags & FLAG.stream) === 0 ? 'queue' : 'stream';
  const definition: TopicDefinition = {
    name: payload.takeText(),
    kind,
    partitions,
    retained: (flags & FLAG.retained) !== 0,
    delayed: (flags & FLAG.delayed) !== 0,
  };
  return { number, definition };
};

export const writeSubscription = (payload: RecordBuffer, topic: number, { number, name }: SubscriptionName): void => {
  payload.addInteger(topic);
  payload.addInteger(number);
  payload.addText(name);
};

export const readSubscription = (payload: RecordReader): SubscriptionName & { topic: number } => ({
  topic: payload.takeInteger(),
  number: payload.takeInteger(),
  name: payload.takeText(),
});

/** The next position of a partition, kept for when its messages are gone, and what of it was handed over to its retained files. */
export interface PartitionMark {
  readonly topic: number;
  readonly partition: number;
  readonly next: number;
  readonly retained: RetainedExtent;
}

export const writePartitionMark = (payload: RecordBuffer, mark: PartitionMark): void => {
  payload.addInteger(mark.topic);
  payload.addInteger(mark.partition);
  payload.addNumber(mark.next);
  payload.addNumber(mark.retained.count);
  payload.addNumber(mark.retained.bytes);
};

export const readPartitionMark = (payload: RecordReader): PartitionMark => ({
  topic: payload.takeInteger(),
  partition: payload.takeInteger(),
  next: payload.takeNumber(),
  retained: { count: payload.takeNumber(), bytes: payload.takeNumber() },
});

/** Acks of one subscription: (partition, position) pairs of a stream, positions of a queue. */
export interface AckNote {
  readonly topic: number;
  readonly subscription: number;
  readonly values: readonly number[];
}

export const writeAcks = (payload: RecordBuffer, { topic, subscription, values }: AckNote): void => {
  payload.addInteger(topic);
  payload.addInteger(subscription);
  payload.addInteger(values.length);
  for (const value of values) payload.addNumber(value);
};

export const readAcks = (payload: RecordReader): AckNote => {
  const topic = payload.takeInteger();
  const subscription = payload.takeInteger();
  const count = payload.takeInteger();
  return { topic, subscription, values: Array.from({ length: count }, () => payload.takeNumber()) };
};
