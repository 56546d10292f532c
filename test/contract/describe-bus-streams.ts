// What streams of every bus promise: part of the bus suite.
import { describe, expect, it } from 'vitest';
import type { Bus } from '../../src/ports/bus.ts';
import { declare, idsOf, makeIds, publish, readStream } from './bus-readers.ts';
import { CALL, waitUntil, type Harness } from './harness.ts';

const describeOrder = (use: () => Harness<Bus>): void => {
  it('messages of one key come in the order of publishing, at rising positions', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream', { partitions: 4 });
    const reader = await readStream(port, topic);
    const ids = makeIds('m', 50);
    await Promise.all(ids.map((id) => publish(port, topic, [id])));
    await waitUntil(() => reader.messages.length === 50, 'all messages arrive');
    expect(idsOf(reader.messages)).toEqual(ids);
    const positions = reader.messages.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(new Set(positions).size).toBe(50);
    expect(positions[0]).toBeGreaterThanOrEqual(0);
  });

  it('no more than prefetch messages of a partition are delivered and not acked', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'stream');
    const reader = await readStream(port, topic, 3);
    await publish(port, topic, makeIds('m', 10));
    await waitUntil(() => reader.messages.length === 3, 'three messages arrive');
    await quiet();
    expect(idsOf(reader.messages)).toEqual(['m1', 'm2', 'm3']);
    reader.subscription.ackUpTo(0, reader.messages[1]?.position ?? -1);
    await waitUntil(() => reader.messages.length === 5, 'two more arrive');
    await quiet();
    expect(idsOf(reader.messages)).toEqual(makeIds('m', 5));
  });

  it('each subscription reads for itself', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream');
    const first = await readStream(port, topic, 100, 'first');
    const second = await readStream(port, topic, 100, 'second');
    await publish(port, topic, ['a', 'b']);
    await waitUntil(() => first.messages.length === 2 && second.messages.length === 2, 'both read both');
    first.subscription.ackUpTo(0, first.messages[1]?.position ?? -1);
    await second.subscription.close();
    const third = await readStream(port, topic, 100, 'second');
    await waitUntil(() => third.messages.length === 2, 'the second subscription reads again');
    expect(idsOf(third.messages)).toEqual(['a', 'b']);
  });

  it('a stream without any subscription keeps its messages for the first one', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream');
    await publish(port, topic, ['a', 'b', 'c']);
    const reader = await readStream(port, topic);
    await waitUntil(() => reader.messages.length === 3, 'all messages arrive');
    expect(idsOf(reader.messages)).toEqual(['a', 'b', 'c']);
    expect(reader.batches[0]?.gained).toBe(true);
  });

  it('a consumer has its subscription before its first message', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'stream');
    await publish(port, topic, makeIds('m', 6));
    const ids: string[] = [];
    const subscription = await port.subscribeStream(
      topic,
      {
        onMessages: (partition, messages) => {
          ids.push(...idsOf(messages));
          subscription.ackUpTo(partition, messages.at(-1)?.position ?? -1);
        },
      },
      { ...CALL, subscription: 'reader', prefetch: 2 },
    );
    await waitUntil(() => ids.length === 6, 'all messages arrive');
    await quiet();
    expect(ids).toEqual(makeIds('m', 6));
  });

  it('a consumer that throws does not stop the stream', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream');
    let calls = 0;
    const onMessages = (): void => {
      calls++;
      throw new Error('a consumer failed, on purpose');
    };
    await port.subscribeStream(topic, { onMessages }, { ...CALL, subscription: 'failing', prefetch: 10 });
    await publish(port, topic, ['a']);
    await waitUntil(() => calls === 1, 'the first message arrives');
    await publish(port, topic, ['b']);
    await waitUntil(() => calls === 2, 'the second message arrives');
    expect(calls).toBe(2);
  });
};

const describeFailover = (use: () => Harness<Bus>): void => {
  it('every partition has one consumer at a time', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'stream', { partitions: 8 });
    const first = await readStream(port, topic);
    const second = await readStream(port, topic);
    await quiet();
    const keys = makeIds('run-', 60);
    await Promise.all(keys.map((key) => publish(port, topic, [key], key)));
    await waitUntil(() => first.messages.length + second.messages.length >= 60, 'all messages arrive');
    await quiet();
    expect([...idsOf(first.messages), ...idsOf(second.messages)].toSorted()).toEqual(keys.toSorted());
    const partitionsOf = (reader: typeof first): Set<number> => new Set(reader.messages.map(({ partition }) => partition));
    expect([...partitionsOf(first)].filter((partition) => partitionsOf(second).has(partition))).toEqual([]);
    expect(partitionsOf(first).size).toBeGreaterThan(0);
    expect(partitionsOf(second).size).toBeGreaterThan(0);
  });

  it('the next owner gains the partition and starts at the ack position', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream');
    const first = await readStream(port, topic);
    await publish(port, topic, ['a', 'b', 'c']);
    await waitUntil(() => first.messages.length === 3, 'the first owner reads all');
    first.subscription.ackUpTo(0, first.messages[0]?.position ?? -1);
    await first.subscription.close();
    const second = await readStream(port, topic);
    await waitUntil(() => second.messages.length === 2, 'the second owner reads what is not acked');
    expect(idsOf(second.messages)).toEqual(['b', 'c']);
    expect(second.messages.every(({ redelivered }) => redelivered)).toBe(true);
    expect(second.batches[0]?.gained).toBe(true);
    await publish(port, topic, ['d']);
    await waitUntil(() => second.messages.length === 3, 'the second owner reads on');
    expect(second.batches.at(-1)).toMatchObject({ ids: ['d'], gained: false });
    expect(second.messages.at(-1)?.redelivered).toBe(false);
  });

  it('an ack of one position acks all before it', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream');
    const first = await readStream(port, topic);
    await publish(port, topic, makeIds('m', 10));
    await waitUntil(() => first.messages.length === 10, 'all messages arrive');
    first.subscription.ackUpTo(0, first.messages[7]?.position ?? -1);
    await first.subscription.close();
    const second = await readStream(port, topic);
    await waitUntil(() => second.messages.length === 2, 'the rest arrives');
    expect(idsOf(second.messages)).toEqual(['m9', 'm10']);
  });

  it('an earlier ack after a later one takes nothing back', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'stream');
    const first = await readStream(port, topic);
    await publish(port, topic, ['a', 'b', 'c']);
    await waitUntil(() => first.messages.length === 3, 'all messages arrive');
    for (const index of [2, 0]) first.subscription.ackUpTo(0, first.messages[index]?.position ?? -1);
    await first.subscription.close();
    const second = await readStream(port, topic);
    await quiet();
    expect(second.messages).toEqual([]);
  });

  it('a closed subscription is given nothing more', async () => {
    const { port, quiet } = use();
    const topic = await declare(port, 'stream');
    const reader = await readStream(port, topic);
    await reader.subscription.close();
    await publish(port, topic, ['a']);
    await quiet();
    expect(reader.messages).toEqual([]);
  });
};

const describeRetained = (use: () => Harness<Bus>): void => {
  it('a retained stream is readable from any position, acked or not', async () => {
    const { port } = use();
    const topic = await declare(port, 'stream', { retained: true });
    const reader = await readStream(port, topic);
    await publish(port, topic, makeIds('m', 20));
    await waitUntil(() => reader.messages.length === 20, 'all messages arrive');
    reader.subscription.ackUpTo(0, reader.messages.at(-1)?.position ?? -1);
    expect(idsOf(await port.readStream(topic, 0, 0, 100, CALL))).toEqual(makeIds('m', 20));
    const from = reader.messages[10]?.position ?? -1;
    const part = await port.readStream(topic, 0, from, 3, CALL);
    expect(idsOf(part)).toEqual(['m11', 'm12', 'm13']);
    expect(part[0]).toEqual(reader.messages[10]);
    const end = (reader.messages.at(-1)?.position ?? 0) + 1;
    expect(await port.readStream(topic, 0, end, 3, CALL)).toEqual([]);
  });

  it('a published message is there when the bus is opened again', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const topic = await declare(harness.port, 'stream', { retained: true, partitions: 2 });
    const first = await readStream(harness.port, topic);
    await publish(harness.port, topic, ['a', 'b', 'c']);
    await waitUntil(() => first.messages.length === 3, 'all messages arrive');
    await harness.reopen();
    const { partition = 0 } = first.messages[0] ?? {};
    const kept = await harness.port.readStream(topic, partition, 0, 10, CALL);
    expect(kept.map(({ id, position, body }) => ({ id, position, body }))).toEqual(
      first.messages.map(({ id, position, body }) => ({ id, position, body })),
    );
    const second = await readStream(harness.port, topic);
    await waitUntil(() => second.messages.length === 3, 'what was not acked arrives again');
    expect(second.messages.every(({ redelivered }) => redelivered)).toBe(true);
  });

  it('positions go on where they were when the bus is opened again', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const topic = await declare(harness.port, 'stream');
    const first = await readStream(harness.port, topic);
    await publish(harness.port, topic, ['a', 'b']);
    await waitUntil(() => first.messages.length === 2, 'all messages arrive');
    const last = first.messages[1]?.position ?? -1;
    first.subscription.ackUpTo(0, last);
    await harness.reopen();
    const second = await readStream(harness.port, topic);
    await publish(harness.port, topic, ['c']);
    await waitUntil(() => second.messages.some(({ id }) => id === 'c'), 'the new message arrives');
    const message = second.messages.find(({ id }) => id === 'c');
    expect(message?.position).toBeGreaterThan(last);
    expect(message?.redelivered).toBe(false);
  });
};

/** The streams' part of the bus suite. */
export const describeBusStreams = (use: () => Harness<Bus>): void => {
  describe('streams', () => {
    describeOrder(use);
    describeFailover(use);
    describeRetained(use);
  });
};
