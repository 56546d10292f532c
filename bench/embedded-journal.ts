// Measures the embedded store by itself: commits and messages per second, the latency of a lone publish, CPU per run, the time to open.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedStore, type EmbeddedStore } from '../src/adapters/embedded/embedded-store.ts';
import { systemClock } from '../src/adapters/system-clock/system-clock.ts';
import type { Commit } from '../src/protocol/commit.ts';
import { jobTopic, subscriptions, topics } from '../src/protocol/topics.ts';

const OPTIONS = { timeoutMs: 60_000 };
const JOBS = jobTopic('bench', 'job');
const STEPS = 5;
const BODY = JSON.stringify({ text: 'x'.repeat(400) });

const report = (error: unknown, doing: string): void => console.error(doing, error);
const open = (folder: string): Promise<EmbeddedStore> => openEmbeddedStore({ folder, clock: systemClock, report });

const makeCommit = (run: string, version: number): Commit => ({
  v: 1,
  run,
  version,
  id: `${run}/${version}`,
  at: Date.now(),
  epoch: 0,
  messages: [`0/job/${version}/1/JobSucceeded`],
  decided: true,
  more: false,
  events: [
    {
      type: 'RunStarted',
      number: version,
      at: 1,
      app: 'bench',
      workflow: 'w',
      input: { json: BODY },
      inputHash: 'h',
      tags: {},
      requestId: 'r',
    },
  ],
  summary: { version, status: 'running', openJobs: { base: 0, bits: '' }, generations: {} },
});

const percentile = (sorted: readonly number[], share: number): number =>
  Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3));

/** Runs `work` `count` times, `width` at once; answers how many there were per second. */
const measureRate = async (count: number, width: number, work: (index: number) => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  let next = 0;
  const go = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, go));
  return Math.round(count / ((performance.now() - began) / 1000));
};

const measureLonePublish = async (store: EmbeddedStore): Promise<{ p50Ms: number; p99Ms: number }> => {
  const took: number[] = [];
  for (let index = 0; index < 1000; index++) {
    const began = performance.now();
    await store.bus.publish([{ topic: topics.usage.name, key: 'k', id: String(index), body: BODY }], OPTIONS);
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return { p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99) };
};

/** The store's share of a booking: five commits, each caused by an inbox message, four jobs, history and usage. */
const measureRuns = async (
  store: EmbeddedStore,
  count: number,
): Promise<{ runsPerSecond: number; cpuMsPerRun: number; syncsPerRun: number }> => {
  const { bus, runs } = store;
  const finished = new Map<string, () => void>();
  const publish = (topic: string, key: string, body = BODY) => ({ topic, key, id: `${key}/${topic}`, body });
  const step = async (run: string, version: number): Promise<void> => {
    const commit = makeCommit(run, version);
    await runs.append(commit, JSON.stringify(commit), OPTIONS);
    const next = version < STEPS ? [publish(JOBS.name, run, String(version))] : [];
    await bus.publish([...next, publish(topics.history.name, run)], OPTIONS);
    if (version === STEPS) finished.get(run)?.();
  };
  const inbox = await bus.subscribeStream(
    topics.inbox.name,
    {
      onMessages: (partition, messages) => {
        const steps = messages.map(({ key, body }) => step(key, Number(body)));
        void Promise.all(steps).then(() => inbox.ackUpTo(partition, messages.at(-1)?.position ?? 0));
      },
    },
    { ...OPTIONS, subscription: subscriptions.orchestrator, prefetch: 100 },
  );
  const queue = await bus.subscribeQueue(
    JOBS.name,
    {
      onMessage: (message) => {
        const result = publish(topics.inbox.name, message.key, String(Number(message.body) + 1));
        void bus.publish([result, publish(topics.usage.name, 'job')], OPTIONS).then(() => queue.ack(message));
      },
    },
    { ...OPTIONS, subscription: subscriptions.jobManager, prefetch: 1000 },
  );
  const before = { cpu: process.cpuUsage(), syncs: store.stats().syncs };
  const runsPerSecond = await measureRate(count, 200, async (index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    finished.set(`run-${index}`, resolve);
    await bus.publish([publish(topics.inbox.name, `run-${index}`, '1')], OPTIONS);
    await promise;
  });
  const cpu = process.cpuUsage(before.cpu);
  await inbox.close();
  await queue.close();
  return {
    runsPerSecond,
    cpuMsPerRun: Number(((cpu.user + cpu.system) / 1000 / count).toFixed(3)),
    syncsPerRun: Number(((store.stats().syncs - before.syncs) / count).toFixed(2)),
  };
};

const measureOpen = async (folder: string): Promise<{ openMs: number; messages: number; journalBytes: number }> => {
  let store = await open(folder);
  await store.bus.declareTopics([topics.inbox], OPTIONS);
  const messages = Array.from({ length: 1000 }, (_, index) => ({
    topic: topics.inbox.name,
    key: `k${index}`,
    id: String(index),
    body: BODY,
  }));
  const count = 1000;
  for (let index = 0; index < count; index++) await store.bus.publish(messages, OPTIONS);
  await store.close();
  const began = performance.now();
  store = await open(folder);
  const openMs = Math.round(performance.now() - began);
  const { journalBytes } = store.stats();
  await store.close();
  return { openMs, messages: count * messages.length, journalBytes };
};

const main = async (): Promise<void> => {
  const folder = await mkdtemp(join(process.cwd(), '.starquake-bench-'));
  try {
    const store = await open(join(folder, 'a'));
    await store.bus.declareTopics([topics.inbox, topics.history, topics.usage, JOBS], OPTIONS);
    const lonePublish = await measureLonePublish(store);
    const appendsPerSecond = await measureRate(50_000, 200, (index) => {
      const commit = makeCommit(`append-${index % 1000}`, 1 + Math.floor(index / 1000));
      return store.runs.append(commit, JSON.stringify(commit), OPTIONS);
    });
    const publishesPerSecond = await measureRate(100_000, 200, (index) =>
      store.bus.publish([{ topic: topics.usage.name, key: 'k', id: String(index), body: BODY }], OPTIONS),
    );
    const runs = await measureRuns(store, 10_000);
    const stats = store.stats();
    await store.close();
    const opening = await measureOpen(join(folder, 'b'));
    console.log(JSON.stringify({ lonePublish, appendsPerSecond, publishesPerSecond, runs, opening, stats }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

await main();
