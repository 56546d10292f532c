// The journal stays small, and nothing that counts is lost when it is cleaned.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../../../src/adapters/embedded/embedded-store.ts';
import { makeMemoryFileLayer } from '../../../../../src/adapters/embedded/files/memory-file-layer.ts';
import type { Commit } from '../../../../../src/protocol/commit.ts';
import type { Due } from '../../../../../src/protocol/messages.ts';
import { makeVirtualClock } from '../../../../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 1000 };
const KEEP_BYTES = 20_000;
const TOPICS = [
  { name: 'inbox', kind: 'stream', partitions: 2, retained: false, delayed: false },
  { name: 'jobs', kind: 'queue', partitions: 1, retained: false, delayed: true },
  { name: 'history', kind: 'stream', partitions: 2, retained: true, delayed: false },
] as const;

const makeCommit = (run: string, version: number): Commit => ({
  v: 1,
  run,
  version,
  id: `${run}/${version}`,
  at: 0,
  epoch: 0,
  messages: [],
  decided: true,
  more: false,
  events: [],
  summary: { version, status: 'running', openJobs: { base: 0, bits: '' }, generations: {} },
});

const makeDue = (id: string): Due => ({ type: 'Due', v: 1, dueAt: 5, id, topic: 'inbox', key: 'k', message: 'm' });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the cleaned journal', () => {
  const layer = makeMemoryFileLayer();
  const clock = makeVirtualClock();
  const reports: unknown[] = [];
  let store: EmbeddedStore;
  const open = (): Promise<EmbeddedStore> =>
    openEmbeddedStore({
      folder: '/data',
      fileLayer: layer,
      clock,
      report: (error) => reports.push(error),
      segmentBytes: 4000,
      journalKeepBytes: KEEP_BYTES,
    });
  beforeEach(async () => {
    store = await open();
    await store.bus.declareTopics(TOPICS, CALL);
  });
  afterEach(() => store.close());

  const publish = (topic: string, id: string, deliverAt?: number): Promise<void> =>
    store.bus.publish([{ topic, key: id, id, body: `${id} `.repeat(10), ...(deliverAt === undefined ? {} : { deliverAt }) }], CALL);

  /** Reads and acks all that comes, but for some. */
  const consume = async (keep: ReadonlySet<string>): Promise<void> => {
    const inbox = await store.bus.subscribeStream(
      'inbox',
      { onMessages: (partition, messages) => inbox.ackUpTo(partition, messages.at(-1)?.position ?? -1) },
      { ...CALL, subscription: 's', prefetch: 10 },
    );
    const jobs = await store.bus.subscribeQueue(
      'jobs',
      { onMessage: (message) => void (keep.has(message.id) || jobs.ack(message)) },
      { ...CALL, subscription: 's', prefetch: 1000 },
    );
  };

  const work = async (): Promise<void> => {
    await publish('jobs', 'kept');
    await publish('jobs', 'delayed', clock.now() + 1000);
    for (let version = 1; version <= 3; version++)
      await store.runs.append(makeCommit('run', version), JSON.stringify(makeCommit('run', version)), CALL);
    await store.runs.claim({ run: 'run', epoch: 0, job: 1, generation: 1, number: 1, claimant: 'c', leaseUntil: 9, now: 1 }, CALL);
    await store.timers.put([makeDue('kept'), makeDue('gone')], CALL);
    await store.timers.remove([makeDue('gone')], CALL);
    for (let index = 0; index < 1000; index++) {
      await Promise.all([publish('inbox', `i${index}`), publish('jobs', `j${index}`), publish('history', `h${index}`)]);
    }
    for (let count = 0; count < 100; count++) await turn();
  };

  const readHistory = async (): Promise<readonly string[]> => {
    const parts = await Promise.all([0, 1].map((partition) => store.bus.readStream('history', partition, 0, 2000, CALL)));
    return parts.flat().map(({ id, body }) => (body === `${id} `.repeat(10) ? id : 'another body'));
  };

  it('is no larger than it may be, and all that counts is there, also when it is opened again', async () => {
    await consume(new Set(['kept']));
    await work();
    expect(store.stats().segmentsCleaned).toBeGreaterThan(20);
    expect(store.stats().journalBytes).toBeLessThan(KEEP_BYTES + 3 * 4000);
    for (const reopen of [false, true]) {
      if (reopen) {
        await store.close();
        store = await open();
      }
      expect((await store.runs.load('run', CALL)).map(({ version }) => version)).toEqual([1, 2, 3]);
      expect(await store.runs.readClaim({ run: 'run', epoch: 0, job: 1 }, CALL)).toMatchObject({ claimant: 'c' });
      expect((await store.timers.readDue(10, 10, CALL)).map(({ id }) => id)).toEqual(['kept']);
      expect((await readHistory()).toSorted()).toEqual(Array.from({ length: 1000 }, (_, index) => `h${index}`).toSorted());
    }
    const ids: string[] = [];
    await store.bus.subscribeQueue('jobs', { onMessage: ({ id }) => ids.push(id) }, { ...CALL, subscription: 's', prefetch: 1000 });
    await turn();
    expect(ids).toEqual(['kept']);
    clock.advance(2000);
    await turn();
    expect(ids).toEqual(['kept', 'delayed']);
    expect(reports).toEqual([]);
  });

  it('takes up a subscription of the retained stream from its very beginning', async () => {
    const ids: string[] = [];
    const reader = await store.bus.subscribeStream(
      'history',
      {
        onMessages: (partition, messages) => {
          ids.push(...messages.map(({ id }) => id));
          reader.ackUpTo(partition, messages.at(-1)?.position ?? -1);
        },
      },
      { ...CALL, subscription: 'late', prefetch: 50 },
    );
    for (let count = 0; count < 200; count++) await turn();
    expect(ids.toSorted()).toEqual((await readHistory()).toSorted());
    expect(ids.length).toBe(1000);
  });
});
