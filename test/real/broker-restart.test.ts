// A broker that goes and comes back loses nothing: not a message, not a delayed one, not a run.
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { topics } from '../../src/protocol/topics.ts';
import { declare, idsOf, makeIds, makeMessages, publish, readQueue, readStream } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine } from '../support/pulsar/compose-engine.ts';
import { openBus } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing, restart } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const RUNS = 200;
const GIVE_UP_MS = 60_000;

const until = async (condition: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`It did not come about: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const usageSchema = z.object({ entries: z.array(z.object({ attempt: z.object({ run: z.string() }).exactOptional() })) });

const countAttempts = async (bus: PulsarBus): Promise<number> => {
  let count = 0;
  for (let from = 0; ;) {
    const messages = await bus.readStream(topics.usage.name, 0, from, 500, CALL);
    const last = messages.at(-1);
    if (last === undefined) return count;
    for (const { body } of messages)
      count += usageSchema.parse(JSON.parse(body)).entries.filter(({ attempt }) => attempt !== undefined).length;
    from = last.position + 1;
  }
};

describe.skipIf(missing !== '')(`a broker that goes and comes back${missing}`, () => {
  const closers: (() => Promise<void>)[] = [];

  const open = async (namespace: string): Promise<PulsarBus> => {
    const bus = await openBus({ webUrl, brokerUrl, tenant: 'restart', namespace });
    closers.push(() => bus.close());
    return bus;
  };

  afterAll(async () => {
    for (const close of closers) await close();
  });

  it('messages published on both sides of it arrive, the unacked ones again, and the partition counts as gained', async () => {
    const bus = await open('messages');
    const stream = await declare(bus, 'stream');
    const reader = await readStream(bus, stream, 1000);
    // One by one: of an ack within a batch a broker that goes may forget.
    for (const id of makeIds('before', 20)) await publish(bus, stream, [id]);
    await until(() => reader.messages.length === 20, 'what was published before arrives');
    reader.subscription.ackUpTo(0, reader.messages[9]?.position ?? -1);
    // A lost ack only means a redelivery: the rest of the test needs it to be there.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const seen = reader.batches.length;
    const publishing = restart().then(() => bus.publish(makeMessages(stream, makeIds('after', 20)), CALL));
    const during = bus.publish(makeMessages(stream, makeIds('during', 20)), { timeoutMs: 90_000 });
    await Promise.all([publishing, during]);
    await until(() => new Set(idsOf(reader.messages)).size === 60, 'all messages arrive');
    const gained = reader.batches.slice(seen).find((batch) => batch.gained);
    expect(gained?.ids[0]).toBe('before11');
    const redelivered = reader.messages.slice(20).filter(({ id }) => id.startsWith('before'));
    expect(redelivered.length).toBeGreaterThanOrEqual(10);
    expect(redelivered.every((message) => message.redelivered)).toBe(true);
  });

  it('a consumer that holds few messages is given more after it', async () => {
    const bus = await open('few');
    const queue = await declare(bus, 'queue');
    const reader = await readQueue(bus, queue, 2);
    await publish(bus, queue, ['before']);
    await until(() => reader.messages.length === 1, 'the first message arrives');
    for (const message of reader.messages) reader.subscription.ack(message);
    await restart();
    await bus.publish(makeMessages(queue, ['after1', 'after2']), CALL);
    // The first may come again: its ack may have been lost.
    await until(() => ['after1', 'after2'].every((id) => idsOf(reader.messages).includes(id)), 'the others arrive');
    expect(new Set(idsOf(reader.messages))).toEqual(new Set(['before', 'after1', 'after2']));
  });

  it('delayed messages that were pending come, and hold up no other topic', async () => {
    const bus = await open('delays');
    const delayed = await declare(bus, 'queue', { delayed: true });
    const other = await declare(bus, 'queue');
    const [late, soon] = [await readQueue(bus, delayed, 500), await readQueue(bus, other)];
    const deliverAt = Date.now() + 40_000;
    await bus.publish(
      makeMessages(delayed, makeIds('late', 100)).map((message) => ({ ...message, deliverAt })),
      CALL,
    );
    await restart();
    await bus.publish(makeMessages(other, ['soon']), CALL);
    await until(() => soon.messages.length > 0, 'the other message arrives');
    expect(late.messages).toEqual([]);
    await until(() => new Set(idsOf(late.messages)).size === 100, 'the delayed messages arrive');
    expect(Date.now()).toBeGreaterThanOrEqual(deliverAt - 1000);
  });

  it(`${RUNS} runs in flight end once, with the right result`, async () => {
    const bus = await open('runs');
    const engine = await composeTestEngine({ entries: ['workflows/booking-sequential/app.ts'], bus, settings: { inboxPartitions: 8 } });
    closers.unshift(() => engine.stop());
    const runs = makeIds('run-', RUNS);
    const ended = runs.map((run) => engine.projection.awaitRun(run, { timeoutMs: 150_000 }));
    let done = 0;
    for (const end of ended) void end.then(() => done++);
    const load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { json: { order: 'order-1' } } };
    await bus.publish(
      runs.map((run) => writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run })),
      CALL,
    );
    await until(() => done >= RUNS / 10, 'some runs have ended');
    const [doneBefore, began] = [done, performance.now()];
    await restart();
    const restarted = performance.now();
    await until(() => done > doneBefore, 'runs go on');
    const recoveryMs = Math.round(performance.now() - restarted);
    const rows = await Promise.all(ended);
    const attempts = await countAttempts(bus);
    expect(rows.map((row) => row?.status)).toEqual(runs.map(() => 'completed'));
    const figures = { runs: RUNS, endedBefore: doneBefore, restartMs: Math.round(restarted - began), recoveryMs };
    process.stdout.write(`${JSON.stringify({ ...figures, attempts, repeatedAttempts: attempts - 4 * RUNS })}\n`);
  });
});
