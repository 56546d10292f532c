// What the embedded bus does beyond the contract of every bus.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../../../src/adapters/embedded/embedded-store.ts';
import type { FileLayer } from '../../../../../src/adapters/embedded/files/file-layer.ts';
import { makeMemoryFileLayer } from '../../../../../src/adapters/embedded/files/memory-file-layer.ts';
import type { IncomingMessage } from '../../../../../src/ports/bus.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 1e9 };
const STREAM = { name: 'stream', kind: 'stream', partitions: 1, retained: false, delayed: false } as const;
const QUEUE = { name: 'queue', kind: 'queue', partitions: 1, retained: false, delayed: true } as const;
const HISTORY = { name: 'history', kind: 'stream', partitions: 1, retained: true, delayed: false } as const;

const turn = async (): Promise<void> => {
  for (let count = 0; count < 10; count++) await new Promise((resolve) => setImmediate(resolve));
};

/** A memory layer whose files take no write while it is stuck. */
const makeSticky = (): { layer: FileLayer; setStuck: (stuck: boolean) => void } => {
  const memory = makeMemoryFileLayer();
  let stuck = false;
  const create: FileLayer['create'] = async (path) => {
    const file = await memory.create(path);
    return { ...file, append: (bytes) => (stuck ? new Promise<never>(() => undefined) : file.append(bytes)) };
  };
  return { layer: { ...memory, create }, setStuck: (value) => void (stuck = value) };
};

describe('the embedded bus', () => {
  let clock: VirtualClock;
  let store: EmbeddedStore;
  let reports: unknown[];
  beforeEach(async () => {
    clock = makeVirtualClock();
    reports = [];
    store = await openEmbeddedStore({ memory: true, clock, report: (error) => reports.push(error), contentLimitBytes: 2000 });
    await store.bus.declareTopics([STREAM, QUEUE, HISTORY], CALL);
  });
  afterEach(() => store.close());

  const publish = (topic: string, ids: readonly string[]): Promise<void> =>
    store.bus.publish(
      ids.map((id) => ({ topic, key: 'k', id, body: `${id} `.repeat(20) })),
      CALL,
    );
  const makeIds = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `m${index}`);
  const areWhole = (messages: readonly IncomingMessage[]): boolean => messages.every(({ id, body }) => body === `${id} `.repeat(20));

  it('delivers within the process before the disk has answered', async () => {
    const { layer, setStuck } = makeSticky();
    const slow = await openEmbeddedStore({ folder: '/slow', fileLayer: layer, clock, report: () => undefined });
    await slow.bus.declareTopics([STREAM], CALL);
    const ids: string[] = [];
    const onMessages = (_: number, batch: readonly IncomingMessage[]): void => void ids.push(...batch.map(({ id }) => id));
    await slow.bus.subscribeStream(STREAM.name, { onMessages }, { ...CALL, subscription: 's', prefetch: 7 });
    setStuck(true);
    let answered = false;
    void slow.bus.publish([{ topic: STREAM.name, key: 'k', id: 'a', body: '' }], CALL).then(() => (answered = true));
    await turn();
    expect(ids).toEqual(['a']);
    expect(answered).toBe(false);
  });

  it('delivers a backlog beyond its memory from disk, in order', async () => {
    const ids = makeIds(500);
    await publish(STREAM.name, ids);
    const messages: IncomingMessage[] = [];
    const reader = await store.bus.subscribeStream(
      STREAM.name,
      {
        onMessages: (partition, batch) => {
          messages.push(...batch);
          reader.ackUpTo(partition, batch.at(-1)?.position ?? -1);
        },
      },
      { ...CALL, subscription: 's', prefetch: 7 },
    );
    await turn();
    expect(messages.map(({ id }) => id)).toEqual(ids);
    expect(areWhole(messages)).toBe(true);
    expect(store.stats().liveBytes).toBe(0);
  });

  it('shares out a backlog beyond its memory from disk', async () => {
    const ids = makeIds(500);
    await publish(QUEUE.name, ids);
    const messages: IncomingMessage[] = [];
    const reader = await store.bus.subscribeQueue(
      QUEUE.name,
      {
        onMessage: (message) => {
          messages.push(message);
          reader.ack(message);
        },
      },
      { ...CALL, subscription: 's', prefetch: 7 },
    );
    await turn();
    expect(messages.map(({ id }) => id)).toEqual(ids);
    expect(areWhole(messages)).toBe(true);
  });

  it('delivers a delayed message at its time, not a millisecond before', async () => {
    const arrivals: number[] = [];
    await store.bus.subscribeQueue(
      QUEUE.name,
      { onMessage: () => arrivals.push(clock.now()) },
      { ...CALL, subscription: 's', prefetch: 7 },
    );
    const deliverAt = clock.now() + 500;
    await store.bus.publish([{ topic: QUEUE.name, key: 'k', id: 'late', body: '', deliverAt }], CALL);
    clock.advance(499);
    await turn();
    expect(arrivals).toEqual([]);
    clock.advance(1);
    await turn();
    expect(arrivals).toEqual([deliverAt]);
  });

  it('takes the ack of a consumer that has lost its partition, for what it was given', async () => {
    await publish(STREAM.name, ['a', 'b']);
    const options = { ...CALL, subscription: 's', prefetch: 7 };
    const seen: string[][] = [[], []];
    const read = (index: number) => ({
      onMessages: (_: number, batch: readonly IncomingMessage[]) => void seen[index]?.push(...batch.map(({ id }) => id)),
    });
    const filler = await store.bus.subscribeStream(STREAM.name, read(0), options);
    await turn();
    await filler.close();
    const owner = await store.bus.subscribeStream(STREAM.name, read(1), options);
    await turn();
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    // Closed: no longer a consumer at all.
    filler.ackUpTo(0, 1);
    expect(store.stats().liveBytes).toBeGreaterThan(0);
    owner.ackUpTo(0, 1);
    expect(store.stats().liveBytes).toBe(0);
  });

  it('refuses a topic that exists as something else', async () => {
    await expect(store.bus.declareTopics([{ ...STREAM, partitions: 2 }], CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(store.bus.declareTopics([{ ...STREAM, kind: 'queue' }], CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(
      store.bus.subscribeQueue(STREAM.name, { onMessage: () => undefined }, { ...CALL, subscription: 's', prefetch: 1 }),
    ).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(
      store.bus.subscribeStream(QUEUE.name, { onMessages: () => undefined }, { ...CALL, subscription: 's', prefetch: 1 }),
    ).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('reports a consumer that throws', async () => {
    const failure = new Error('a consumer failed, on purpose');
    const fail = (): void => {
      throw failure;
    };
    await store.bus.subscribeQueue(QUEUE.name, { onMessage: fail }, { ...CALL, subscription: 's', prefetch: 7 });
    await publish(QUEUE.name, ['a']);
    await turn();
    expect(reports).toEqual([failure]);
  });

  it('sets no timer for a message that is not delayed, and one for all that are', async () => {
    await store.bus.subscribeQueue(QUEUE.name, { onMessage: () => undefined }, { ...CALL, subscription: 's', prefetch: 1 });
    await turn();
    clock.advance(1000);
    const before = clock.timers;
    for (let index = 0; index < 100; index++) await publish(QUEUE.name, [`m${index}`]);
    const after = clock.timers;
    for (let index = 0; index < 100; index++) {
      await store.bus.publish([{ topic: QUEUE.name, key: 'k', id: `late ${index}`, body: '', deliverAt: clock.now() + 1e6 + index }], CALL);
    }
    expect(after - before).toBeLessThanOrEqual(2);
    expect(clock.timers - after).toBeLessThanOrEqual(1);
  });
});
