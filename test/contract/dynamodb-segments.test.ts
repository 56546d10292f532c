// The run store on DynamoDB keeps its promises when a long run's old commits move into the payload store.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryPayloadStore } from '../../src/adapters/embedded/payloads/memory-payload-store.ts';
import type { DynamoRunStore } from '../../src/adapters/dynamodb/dynamo-run-store.ts';
import { runsTable } from '../../src/platform/tables.ts';
import type { RunStore } from '../../src/ports/run-store.ts';
import type { Commit } from '../../src/protocol/commit.ts';
import { makeRunStore, openDynamo, startDynamo, type DynamoHarness } from './dynamodb-harness.ts';
import { expireItems, scanItems } from '../support/dynamodb/expire-items.ts';
import { makeCommit, makeNoise } from './describe-run-store.ts';
import { CALL, makeName, waitUntil } from './harness.ts';

const dynamo = await startDynamo();
const HOUR_MS = 3600_000;
const LOOSE_BYTES = 20_000;

const makeLong = (run: string, count: number, at: number): readonly Commit[] =>
  Array.from({ length: count }, (_, index) => makeCommit(run, index + 1, { at: at + index, messages: [makeNoise(index, 900)] }));

const append = (store: RunStore, commit: Commit) => store.append(commit, JSON.stringify(commit), CALL);

const appendAll = async (store: RunStore, commits: readonly Commit[]): Promise<void> => {
  for (const commit of commits) expect(await append(store, commit)).toBe('appended');
};

describe.skipIf(dynamo.missing !== '')('run store: dynamodb, long runs', () => {
  let harness: DynamoHarness<DynamoRunStore>;
  beforeEach(async () => {
    harness = await openDynamo(dynamo.use(), runsTable, makeRunStore(LOOSE_BYTES));
  });
  afterEach(() => harness.close());

  const countBodies = async (): Promise<number> =>
    (await scanItems(dynamo.use().direct, harness.parts.table)).filter(
      ({ text, deflated, link }) => (text ?? deflated ?? link) !== undefined,
    ).length;
  const countItems = async (): Promise<number> => (await scanItems(dynamo.use().direct, harness.parts.table)).length;

  it('appends that make it long have it segmented, and it comes back as it was', async () => {
    const run = makeName('run');
    const commits = makeLong(run, 60, harness.clock.now());
    await appendAll(harness.port, commits);
    await harness.quiet();
    expect(await countBodies()).toBeLessThan(25);
    expect(await harness.port.load(run, CALL)).toEqual(commits);
    expect(await harness.port.readSummary(run, CALL)).toEqual(commits.at(-1)?.summary);
    expect(harness.troubles).toEqual([]);
  });

  it('a load that sees it long has it segmented', async () => {
    const run = makeName('run');
    const commits = makeLong(run, 60, harness.clock.now());
    const patient = makeRunStore()({ ...harness.parts });
    await appendAll(patient.port, commits);
    expect(await countBodies()).toBe(60);
    await harness.port.load(run, CALL);
    await harness.quiet();
    expect(await countBodies()).toBe(1);
    expect(await harness.port.load(run, CALL)).toEqual(commits);
  });

  it('an append at an old version conflicts after segmenting, for a day at least', async () => {
    const run = makeName('run');
    await appendAll(harness.port, makeLong(run, 60, harness.clock.now()));
    await harness.quiet();
    for (const hours of [0, 1, 23]) {
      await expireItems(dynamo.use().direct, harness.parts.table, harness.clock.now() + hours * HOUR_MS);
      for (const version of [1, 2, 30, 60]) expect(await append(harness.port, makeCommit(run, version, { id: 'zombie' }))).toBe('conflict');
    }
  });

  it('the run comes back whole when the items of its old versions have gone, also after a commit that came far too late', async () => {
    const run = makeName('run');
    const commits = makeLong(run, 60, harness.clock.now());
    await appendAll(harness.port, commits);
    await harness.quiet();
    expect(await expireItems(dynamo.use().direct, harness.parts.table, harness.clock.now() + 26 * HOUR_MS)).toBeGreaterThan(30);
    expect(await harness.port.load(run, CALL)).toEqual(commits);
    // The engine appends nothing from a copy older than an hour; if it did, nothing of the run would change.
    await append(harness.port, makeCommit(run, 1, { id: 'zombie' }));
    expect(await harness.port.load(run, CALL)).toEqual(commits);
    expect(await append(harness.port, makeCommit(run, 61))).toBe('appended');
  });

  it('two processes that segment a run at once leave it whole', async () => {
    const run = makeName('run');
    const commits = makeLong(run, 80, harness.clock.now());
    await appendAll(makeRunStore()({ ...harness.parts }).port, commits);
    const others = [1, 2, 3].map(() => harness.openAnother());
    await Promise.all(others.map(({ port }) => port.load(run, CALL)));
    await Promise.all(others.map((other) => other.settle()));
    expect(await harness.port.load(run, CALL)).toEqual(commits);
    await harness.quiet();
    expect(await countBodies()).toBe(1);
    expect(harness.troubles).toEqual([]);
    for (const other of others) await other.close();
  });

  it.each(['PutItem', 'UpdateItem'])(
    'a process that ends at its %s leaves the run whole, and the next load finishes the work',
    async (operation) => {
      const run = makeName('run');
      const commits = makeLong(run, 60, harness.clock.now());
      await appendAll(makeRunStore()({ ...harness.parts }).port, commits);
      let passed = operation === 'UpdateItem' ? 10 : 0;
      // A refusal that is not repeated ends the work there, as the end of the process does.
      dynamo
        .use()
        .proxy.inject({ fault: { kind: 'refuse' }, matches: (name, body) => name === operation && body.includes(run) && passed-- <= 0 });
      await harness.port.load(run, CALL);
      await harness.quiet();
      expect(harness.troubles.length).toBe(1);
      expect(await countBodies()).toBeGreaterThan(40);
      dynamo.use().proxy.clear();
      expect(await harness.port.load(run, CALL)).toEqual(commits);
      await harness.quiet();
      expect(await countBodies()).toBe(1);
      expect(await harness.port.load(run, CALL)).toEqual(commits);
    },
  );

  it('a load whose pages are read before and after the segmenting finds every commit', async () => {
    const run = makeName('run');
    const commits = Array.from({ length: 30 }, (_, index) => makeCommit(run, index + 1, { messages: [makeNoise(index, 70_000)] }));
    const reader = makeRunStore(100 * LOOSE_BYTES)({ ...harness.parts }).port;
    await appendAll(reader, commits);
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    const isSecondPage = (operation: string, body: string): boolean => operation === 'Query' && body.includes('ExclusiveStartKey');
    dynamo.use().proxy.clear();
    dynamo.use().proxy.inject({ fault: { kind: 'hold', until }, times: 1, matches: isSecondPage });
    const loading = reader.load(run, CALL);
    await waitUntil(() => dynamo.use().proxy.seen.length === 2, 'the second page is asked for');
    await harness.port.load(run, CALL);
    await harness.quiet();
    expect(await countBodies()).toBe(1);
    release();
    expect(await loading).toEqual(commits);
  });

  it('segments that have become old are put again when their run is loaded', async () => {
    const puts: string[] = [];
    class WatchedPayloadStore extends MemoryPayloadStore {
      override put(...[text, options]: Parameters<MemoryPayloadStore['put']>): ReturnType<MemoryPayloadStore['put']> {
        puts.push(text);
        return super.put(text, options);
      }
    }
    const run = makeName('run');
    const commits = makeLong(run, 60, harness.clock.now());
    const watched = harness.openAnother({ payloads: new WatchedPayloadStore() });
    await appendAll(watched.port, commits);
    await watched.settle();
    const segments = [...puts];
    expect(segments.length).toBeGreaterThan(0);
    for (const days of [6, 2]) {
      harness.clock.advance(days * 24 * HOUR_MS);
      expect(await watched.port.load(run, CALL)).toEqual(commits);
      await watched.settle();
    }
    expect(puts.slice(segments.length)).toEqual(segments);
    await watched.close();
  });

  it('nothing moves while the payload store takes nothing', async () => {
    class FullPayloadStore extends MemoryPayloadStore {
      override async put(): Promise<never> {
        throw new Error('It is full.');
      }
    }
    const run = makeName('run');
    const commits = makeLong(run, 60, harness.clock.now());
    const full = harness.openAnother({ payloads: new FullPayloadStore() });
    await appendAll(full.port, commits);
    await full.settle();
    expect(harness.troubles.length).toBeGreaterThan(0);
    expect(await countItems()).toBe(60);
    expect(await full.port.load(run, CALL)).toEqual(commits);
    await full.close();
  });

  it('a commit larger than an item may be comes back, and has its summary in its item', async () => {
    const run = makeName('run');
    const huge = makeCommit(run, 1, { messages: [makeNoise(1, 1_000_000)] });
    await appendAll(harness.port, [huge, makeCommit(run, 2, { messages: ['x'.repeat(300_000)] })]);
    expect((await harness.port.load(run, CALL))[0]).toEqual(huge);
    expect((await harness.port.readSummary(run, CALL))?.version).toBe(2);
    expect((await harness.port.load(run, CALL))[1]?.messages[0]?.length).toBe(300_000);
  });

  it('an archived run is its tombstone, and pruning leaves nothing else of its commits and segments', async () => {
    const run = makeName('run');
    const commits = makeLong(run, 60, harness.clock.now());
    await appendAll(harness.port, commits);
    await harness.quiet();
    const at = harness.clock.now();
    const tombstone = makeCommit(run, 61, {
      at,
      summary: { version: 61, status: 'archived', openJobs: { base: 0, bits: '' }, generations: {} },
    });
    await appendAll(harness.port, [tombstone]);
    expect(await harness.port.load(run, CALL)).toEqual([tombstone]);
    for (const version of [1, 30, 60, 61]) expect(await append(harness.port, makeCommit(run, version, { id: 'zombie' }))).toBe('conflict');
    await harness.port.prune(run, 61, at + HOUR_MS, CALL);
    await expireItems(dynamo.use().direct, harness.parts.table, at + 24 * HOUR_MS);
    for (const version of [1, 30, 60, 61]) expect(await append(harness.port, makeCommit(run, version, { id: 'zombie' }))).toBe('conflict');
    await harness.port.prune(run, 61, at + 25 * HOUR_MS, CALL);
    expect(await countItems()).toBe(1);
    expect(await harness.port.load(run, CALL)).toEqual([tombstone]);
  });
});
