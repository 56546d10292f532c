// Old history lies in S3 only, and a fresh reader gets all of it through the broker as if it had never moved.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { IncomingMessage } from '../../src/ports/bus.ts';
import type { Commit } from '../../src/protocol/commit.ts';
import { topics } from '../../src/protocol/topics.ts';
import { followHistory } from '../../src/query/follow-history.ts';
import { parseHistoryMessage } from '../../src/query/history-message.ts';
import { createProjection, type Projection } from '../../src/query/projection.ts';
import type { RunRow } from '../../src/query/run-row.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findOffloadingPulsar } from '../support/offload/find-offloading-pulsar.ts';
import { readLedgers, type TopicLedger } from '../support/offload/read-ledgers.ts';
import { composeTestEngine } from '../support/pulsar/compose-engine.ts';

const { offloading, missing } = await findOffloadingPulsar();
const RUNS = 300;
const CALL = { timeoutMs: 30_000 };
/** Long enough for a reader that finds what it reads, short enough to wait for one that does not. */
const AWAY = { timeoutMs: 4000 };
const GIVE_UP_MS = 120_000;
const runs = makeIds('run-', RUNS);

/** What the engine left behind: its own record of every run, and its read model. */
interface Told {
  readonly commits: ReadonlyMap<string, readonly Commit[]>;
  readonly rows: readonly RunRow[];
}

const listRows = (projection: Projection): readonly RunRow[] => projection.list({ limit: 2 * RUNS }).rows;

const playRuns = async (bus: PulsarBus): Promise<Told> => {
  const engine = await composeTestEngine({ entries: ['workflows/booking-sequential/app.ts'], bus, settings: { inboxPartitions: 4 } });
  try {
    const load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { json: { order: 'order-1' } } };
    const ends = runs.map((run) => engine.projection.awaitRun(run, { timeoutMs: GIVE_UP_MS }));
    const starts = runs.map((run) => writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run }));
    await bus.publish(starts, CALL);
    await Promise.all(ends);
    const commits = runs.map(async (run) => [run, await engine.ports.runs.load(run, CALL)] as const);
    return { commits: new Map(await Promise.all(commits)), rows: listRows(engine.projection) };
  } finally {
    await engine.stop();
  }
};

const partitions = Array.from({ length: topics.history.partitions }, (_, partition) => partition);

const readPartition = async (bus: PulsarBus, partition: number): Promise<readonly IncomingMessage[]> => {
  const read: IncomingMessage[] = [];
  for (let from = 0; ;) {
    const messages = await bus.readStream(topics.history.name, partition, from, 1000, CALL);
    const last = messages.at(-1);
    if (last === undefined) return read;
    read.push(...messages);
    from = last.position + 1;
  }
};

/** Commits by run, in order of version, each as often as it was read. */
const sortCommits = (messages: readonly IncomingMessage[]): ReadonlyMap<string, readonly Commit[]> => {
  const commits = messages.flatMap(({ body }) => {
    const read = parseHistoryMessage(body);
    return read.type === 'starquake.commit' ? [read.data] : [];
  });
  const byRun = Map.groupBy(commits, ({ run }) => run);
  return new Map([...byRun].map(([run, own]) => [run, own.toSorted((a, b) => a.version - b.version)]));
};

describe.skipIf(missing !== '')(`history that was offloaded to S3${missing}`, () => {
  if (offloading === undefined) return;
  const { pulsar, s3 } = offloading;
  const [tenant, namespace] = ['offload', 'main'];
  const troubles: string[] = [];
  const report = (error: unknown, doing: string): void => void troubles.push(`${doing}: ${String(error)}`);
  const openBus = (): PulsarBus =>
    createPulsarWebSocketBus({ access: { webUrl: pulsar.webUrl, tenant, namespace }, clock: systemClock, report });
  const listFull = async (): Promise<readonly TopicLedger[]> => {
    const all = await Promise.all(
      partitions.map((partition) => readLedgers(pulsar.webUrl, `${tenant}/${namespace}/${topics.history.name}-partition-${partition}`)),
    );
    return all.flatMap((ledgers) => ledgers.slice(0, -1));
  };

  let told: Told = { commits: new Map(), rows: [] };
  let full: readonly TopicLedger[] = [];
  let left: ReadonlySet<number> = new Set();
  let whileAway: readonly string[] = [];
  let read: readonly IncomingMessage[] = [];
  let rebuilt: readonly RunRow[] = [];
  const figures: Record<string, number> = {};

  const measure = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const done = await work();
    figures[`${name}Seconds`] = Math.round((performance.now() - began) / 100) / 10;
    return done;
  };

  const withBus = async <T>(work: (bus: PulsarBus) => Promise<T>): Promise<T> => {
    const bus = openBus();
    try {
      return await work(bus);
    } finally {
      await bus.close();
    }
  };

  const awaitOffload = async (): Promise<void> => {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      [full, left] = await Promise.all([listFull(), offloading.listBookieLedgers()]);
      if (full.every(({ id, offloaded }) => offloaded && !left.has(id)) || performance.now() > deadline) return;
      await pause(250);
    }
  };

  const readWhileAway = async (bus: PulsarBus): Promise<void> => {
    const tries = partitions.map((partition) =>
      bus.readStream(topics.history.name, partition, 0, 1000, AWAY).then(
        (messages) => `${messages.length} messages`,
        () => 'no answer',
      ),
    );
    whileAway = await Promise.all(tries);
  };

  beforeAll(async () => {
    told = await measure('runs', () => withBus(playRuns));
    await measure('offload', awaitOffload);
    // Nothing that the broker has in memory may answer for S3.
    await measure('restart', () => pulsar.restart());
    await s3.cut();
    await withBus(readWhileAway);
    await s3.mend();
    const before = s3.answeredBytes;
    read = await measure('read', () =>
      withBus(async (bus) => (await Promise.all(partitions.map((one) => readPartition(bus, one)))).flat()),
    );
    figures['readFromS3Bytes'] = s3.answeredBytes - before;
    const projection = createProjection(systemClock);
    await measure('rebuild', () => withBus(async (bus) => (await followHistory(bus, projection, report)).stop()));
    rebuilt = listRows(projection);
    const stored = await s3.countObjects();
    Object.assign(figures, { runs: RUNS, ledgers: full.length, offloaded: full.filter(({ offloaded }) => offloaded).length });
    Object.assign(figures, { deletedAtBookie: full.filter(({ id }) => !left.has(id)).length, ...stored, messagesRead: read.length });
  }, 300_000);

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify({ test: 'offload', ...figures })}\n`);
    await offloading.stop();
  });

  it('every full ledger is in S3, and the bookies have let go of it', () => {
    expect(full.length).toBeGreaterThanOrEqual(2 * partitions.length);
    expect(full.filter(({ id, offloaded }) => !offloaded || left.has(id))).toEqual([]);
  });

  it('nobody else has it: while S3 is away it cannot be read', () => {
    expect(whileAway).toEqual(partitions.map(() => 'no answer'));
  });

  it('a fresh reader gets every event of every run, each once, as it was committed', () => {
    expect(sortCommits(read)).toEqual(told.commits);
    expect(figures['readFromS3Bytes']).toBeGreaterThan(0);
  });

  it('the read model rebuilt from it is the one that there was', () => {
    expect(told.rows.map(({ status }) => status)).toEqual(runs.map(() => 'completed'));
    expect(rebuilt).toEqual(told.rows);
  });
});
