// What queues of every bus promise: part of the bus suite.
import { describe, expect, it } from 'vitest';
import type { Bus } from '../../src/ports/bus.ts';
import { declare, idsOf, makeIds, makeMessages, publish, readQueue, type QueueReader } from './bus-readers.ts';
import { CALL, waitUntil, type Harness } from './harness.ts';

const findMessage = (reader: QueueReader, id: string) => {
  const message = reader.messages.find((candidate) => candidate.id === id);
  if (message === undefined) throw new Error(`The message ${id} was not delivered.`);
  return message;
};

const describeSharing = (use: () => Harness<Bus>): void => {
  it('each message goes to one consumer, and both get some', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'queue');
    const first = await readQueue(port, topic, 10);
    const second = await readQueue(port, topic, 10);
    await publish(port, topic, makeIds('m', 20));
    await waitUntil(() => first.messages.length + second.messages.length >= 20, 'all messages arrive');
    await quiet();
    expect([...idsOf(first.messages), ...idsOf(second.messages)].toSorted()).toEqual(makeIds('m', 20).toSorted());
    expect(first.messages.length).toBe(10);
    expect(second.messages.length).toBe(10);
  });

  it('no more than prefetch messages are delivered and not acked', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'queue');
    const reader = await readQueue(port, topic, 2);
    await publish(port, topic, makeIds('m', 5));
    await waitUntil(() => reader.messages.length === 2, 'two messages arrive');
    await quiet();
    expect(reader.messages.length).toBe(2);
    for (const id of idsOf(reader.messages)) reader.subscription.ack(findMessage(reader, id));
    await waitUntil(() => reader.messages.length === 4, 'two more arrive');
    await quiet();
    expect(new Set(idsOf(reader.messages)).size).toBe(4);
  });

  it('a consumer has its subscription before its first message', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'queue');
    await publish(port, topic, makeIds('m', 6));
    const ids: string[] = [];
    const subscription = await port.subscribeQueue(
      topic,
      {
        onMessage: (message) => {
          ids.push(message.id);
          subscription.ack(message);
        },
      },
      { ...CALL, subscription: 'reader', prefetch: 2 },
    );
    await waitUntil(() => ids.length === 6, 'all messages arrive');
    await quiet();
    expect(ids.toSorted()).toEqual(makeIds('m', 6));
  });

  it('acks count one by one, in any order', async () => {
    const { port } = use();
    const topic = await declare(port, 'queue');
    const first = await readQueue(port, topic);
    await publish(port, topic, ['a', 'b', 'c']);
    await waitUntil(() => first.messages.length === 3, 'all messages arrive');
    first.subscription.ack(findMessage(first, 'c'));
    first.subscription.ack(findMessage(first, 'a'));
    await first.subscription.close();
    const second = await readQueue(port, topic);
    await waitUntil(() => second.messages.length > 0, 'what was not acked arrives again');
    expect(idsOf(second.messages)).toEqual(['b']);
    expect(second.messages[0]?.redelivered).toBe(true);
  });

  it('what a closed subscription had not acked goes to the others', async () => {
    const { port } = use();
    const topic = await declare(port, 'queue');
    const first = await readQueue(port, topic, 5);
    await publish(port, topic, makeIds('m', 5));
    await waitUntil(() => first.messages.length === 5, 'all messages arrive');
    const second = await readQueue(port, topic, 5);
    first.subscription.ack(findMessage(first, 'm1'));
    await first.subscription.close();
    await waitUntil(() => second.messages.length === 4, 'the rest arrives');
    expect(idsOf(second.messages).toSorted()).toEqual(['m2', 'm3', 'm4', 'm5']);
    expect(second.messages.every(({ redelivered }) => redelivered)).toBe(true);
  });

  it('what a closed subscription had is marked also at one that read beside it and has had later messages', async () => {
    const { port } = use();
    const topic = await declare(port, 'queue');
    const first = await readQueue(port, topic, 5);
    const second = await readQueue(port, topic, 5);
    await publish(port, topic, makeIds('m', 10));
    await waitUntil(() => first.messages.length === 5 && second.messages.length === 5, 'both have all that they may');
    for (const id of idsOf(second.messages)) second.subscription.ack(findMessage(second, id));
    await publish(port, topic, ['last']);
    await waitUntil(() => idsOf(second.messages).includes('last'), 'the last message arrives');
    second.subscription.ack(findMessage(second, 'last'));
    await first.subscription.close();
    await waitUntil(() => second.messages.length === 11, 'the rest arrives');
    const redelivered = second.messages.filter((message) => message.redelivered);
    expect(idsOf(redelivered).toSorted()).toEqual(idsOf(first.messages).toSorted());
  });

  it('a released message comes again, marked as redelivered', async () => {
    const { port, passTime } = use();
    const topic = await declare(port, 'queue');
    const reader = await readQueue(port, topic);
    await publish(port, topic, ['a']);
    await waitUntil(() => reader.messages.length === 1, 'the message arrives');
    reader.subscription.release(findMessage(reader, 'a'));
    await passTime(2000);
    await waitUntil(() => reader.messages.length === 2, 'the message arrives again');
    expect(idsOf(reader.messages)).toEqual(['a', 'a']);
    expect(reader.messages.map(({ redelivered }) => redelivered)).toEqual([false, true]);
  });

  it('a queue without any subscription keeps its messages for the first one', async () => {
    const { port } = use();
    const topic = await declare(port, 'queue');
    await publish(port, topic, ['a', 'b']);
    const reader = await readQueue(port, topic);
    await waitUntil(() => reader.messages.length === 2, 'all messages arrive');
    expect(idsOf(reader.messages).toSorted()).toEqual(['a', 'b']);
  });

  it('each subscription gets every message', async () => {
    const { port } = use();
    const topic = await declare(port, 'queue');
    const first = await readQueue(port, topic, 10, 'first');
    const second = await readQueue(port, topic, 10, 'second');
    await publish(port, topic, ['a', 'b']);
    await waitUntil(() => first.messages.length === 2 && second.messages.length === 2, 'both get both');
    for (const message of first.messages) first.subscription.ack(message);
    await second.subscription.close();
    const third = await readQueue(port, topic, 10, 'second');
    await waitUntil(() => third.messages.length === 2, 'the second subscription gets both again');
    expect(idsOf(third.messages).toSorted()).toEqual(['a', 'b']);
  });
};

const describeDelays = (use: () => Harness<Bus>): void => {
  it('a delayed message comes once it is due, and not more than a second before', async () => {
    const { port, clock, passTime, quiet } = use();
    const topic = await declare(port, 'queue', { delayed: true });
    const reader = await readQueue(port, topic);
    const [message] = makeMessages(topic, ['late']);
    if (message === undefined) throw new Error('no message');
    const deliverAt = clock.now() + 5000;
    await port.publish([{ ...message, deliverAt }], CALL);
    await passTime(3000);
    await quiet();
    expect(reader.messages).toEqual([]);
    await passTime(2500);
    await waitUntil(() => reader.messages.length === 1, 'the message arrives');
  });

  it('delayed messages come in the order of their times, others are not held up', async () => {
    const { port, clock, passTime } = use();
    const topic = await declare(port, 'queue', { delayed: true });
    const reader = await readQueue(port, topic);
    const now = clock.now();
    const delays: Record<string, number> = { far: 30_000, near: 10_000, middle: 20_000 };
    await port.publish(
      makeMessages(topic, Object.keys(delays)).map((message) => ({ ...message, deliverAt: now + (delays[message.id] ?? 0) })),
      CALL,
    );
    await publish(port, topic, ['now']);
    for (let count = 1; count <= 4; count++) {
      await waitUntil(() => reader.messages.length === count, `${count} messages have arrived`);
      await passTime(10_000);
    }
    expect(idsOf(reader.messages)).toEqual(['now', 'near', 'middle', 'far']);
  });
};

const describeDurability = (use: () => Harness<Bus>): void => {
  it('what was not acked comes again when the bus is opened again, marked as redelivered', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const topic = await declare(harness.port, 'queue', { delayed: true });
    const first = await readQueue(harness.port, topic);
    await publish(harness.port, topic, makeIds('m', 4));
    await waitUntil(() => first.messages.length === 4, 'all messages arrive');
    for (const id of ['m1', 'm3']) first.subscription.ack(findMessage(first, id));
    const [late] = makeMessages(topic, ['late']);
    if (late === undefined) throw new Error('no message');
    await harness.port.publish([{ ...late, deliverAt: harness.clock.now() + 60_000 }], CALL);
    await harness.reopen();
    const second = await readQueue(harness.port, topic);
    await waitUntil(() => second.messages.length >= 2, 'the rest arrives');
    await harness.quiet();
    expect(idsOf(second.messages).toSorted()).toEqual(['m2', 'm4']);
    expect(second.messages.every(({ redelivered }) => redelivered)).toBe(true);
    await harness.passTime(61_000);
    await waitUntil(() => second.messages.length === 3, 'the delayed message arrives');
    expect(second.messages.at(-1)).toMatchObject({ id: 'late' });
  });
};

/** The queues' part of the bus suite. */
export const describeBusQueues = (use: () => Harness<Bus>): void => {
  describe('queues', () => {
    describeSharing(use);
    describeDelays(use);
    describeDurability(use);
  });
};
