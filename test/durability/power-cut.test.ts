// The power goes at random moments: whatever the embedded store had answered is there when it is opened again.
import { describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import type { FileLayer } from '../../src/adapters/embedded/files/file-layer.ts';
import type { IncomingMessage } from '../../src/ports/bus.ts';
import { makeVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts';
import { Expectation } from './expectation.ts';
import { ForgettingDisk } from './forgetting-disk.ts';
import { CALL, HISTORY_PARTITIONS, JOBS, nameCommit, RandomWork, RUNS } from './random-work.ts';
import { makeSeededRandom, type SeededRandom } from './seeded-random.ts';

const SEEDS = 300;
const CUTS = 4;
const STEPS = 120;
/** Small enough that segments are begun and cleaned all the time. */
const SIZES = { segmentBytes: 1500, journalKeepBytes: 4000, contentLimitBytes: 2000 };

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

/** Long enough for everything that is on its way to arrive. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
};

interface World {
  readonly random: SeededRandom;
  readonly clock: VirtualClock;
  readonly expectation: Expectation;
  /** Errors other than a torn last record. */
  readonly errors: unknown[];
}

const isTorn = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'DATA_TORN';

const open = ({ clock, errors }: World, fileLayer: FileLayer): Promise<EmbeddedStore> =>
  openEmbeddedStore({ folder: '/data', fileLayer, clock, ...SIZES, report: (error) => void (isTorn(error) || errors.push(error)) });

const readHistory = async (store: EmbeddedStore): Promise<readonly IncomingMessage[]> => {
  const parts = await Promise.all(
    Array.from({ length: HISTORY_PARTITIONS }, (_, partition) => store.bus.readStream('history', partition, 0, 1e6, CALL)),
  );
  return parts.flat();
};

const nameCommits = async (store: EmbeddedStore): Promise<ReadonlySet<string>> => {
  const runs = await Promise.all(RUNS.map((run) => store.runs.load(run, CALL)));
  return new Set(runs.flat().map(({ run, version, id }) => nameCommit(run, version, id)));
};

/** Compares what a store holds with what it had answered. */
const judge = async ({ expectation, errors }: World, store: EmbeddedStore, work: RandomWork): Promise<void> => {
  await settle();
  const { inbox, jobs } = work.delivered;
  const history = await readHistory(store);
  expectation.judgeDeliveries('inbox', inbox);
  expectation.judgeDeliveries('jobs', jobs);
  expectation.judgeOrder('inbox', inbox);
  expectation.judgeOrder('history', history);
  const timers = await store.timers.readDue(1e15, 1e6, CALL);
  const idsOf = (messages: readonly { readonly id: string }[]): ReadonlySet<string> => new Set(messages.map(({ id }) => id));
  expectation.judgePrefix([
    ...expectation.judge('inbox', idsOf(inbox)),
    ...expectation.judge('jobs', idsOf(jobs)),
    ...expectation.judge('history', idsOf(history)),
    ...expectation.judge('commits', await nameCommits(store)),
    ...expectation.judge('timers', idsOf(timers)),
  ]);
  for (const run of RUNS) {
    for (const job of JOBS) expectation.judgeClaim(`${run} ${job}`, await store.runs.readClaim({ run, epoch: 0, job }, CALL));
  }
  for (const [sha256, text] of expectation.payloads) expect(await store.payloads.get({ sha256, bytes: text.length }, CALL)).toBe(text);
  expect(errors).toEqual([]);
};

/** Works on a disk until the power goes; answers the disk as it is found afterwards. */
const workUntilCut = async (world: World, disk: ForgettingDisk, label: string): Promise<{ disk: ForgettingDisk; cleaned: number }> => {
  const { random, expectation, clock } = world;
  const store = await open(world, disk.makeLayer());
  const work = new RandomWork(store, expectation, random, clock, label);
  await work.begin();
  await judge(world, store, work);
  for (let step = random.integer(STEPS); step > 0; step--) {
    work.step();
    await turns(random.integer(30));
  }
  return { disk: disk.cut(), cleaned: store.stats().segmentsCleaned };
};

/** Opens a disk and cuts the power while it is being opened. */
const cutWhileOpening = async (world: World, disk: ForgettingDisk): Promise<ForgettingDisk> => {
  void open(world, disk.makeLayer());
  await turns(world.random.integer(100));
  return disk.cut();
};

const runSeed = async (seed: number): Promise<number> => {
  const random = makeSeededRandom(seed);
  const world: World = { random, clock: makeVirtualClock(), expectation: new Expectation(), errors: [] };
  let disk = new ForgettingDisk(random);
  let cleaned = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    const after = await workUntilCut(world, disk, `-${seed}-${cut}`);
    cleaned += after.cleaned;
    disk = random.chance(0.3) ? await cutWhileOpening(world, after.disk) : after.disk;
  }
  const store = await open(world, disk.makeLayer());
  const work = new RandomWork(store, world.expectation, random, world.clock, 'end');
  await work.begin();
  await judge(world, store, work);
  await store.close();
  return cleaned;
};

describe('power cuts', () => {
  it(`${SEEDS} seeds: all that was answered is there, in order, and what was acked for good stays away`, { timeout: 120_000 }, async () => {
    let cleaned = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        cleaned += await runSeed(seed);
      } catch (error) {
        throw new Error(`Seed ${seed} fails.`, { cause: error });
      }
    }
    expect(cleaned, 'segments were cleaned along the way').toBeGreaterThan(SEEDS);
  });
});
