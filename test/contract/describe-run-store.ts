// What every run store promises; each adapter runs this suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppendOutcome, RunStore } from '../../src/ports/run-store.ts';
import { commitSchema, type Commit } from '../../src/protocol/commit.ts';
import { describeClaims } from './describe-claims.ts';
import { CALL, makeName, type Harness, type OpenHarness } from './harness.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A commit of a run; what matters to a test goes into `more`. */
export const makeCommit = (run: string, version: number, more: Partial<Commit> = {}): Commit => ({
  v: 1,
  run,
  version,
  id: `${run}/${version}`,
  at: 1000 + version,
  epoch: 0,
  messages: [`wake/${version}/more`],
  decided: true,
  more: false,
  events: [{ type: 'StatusSet', number: version, at: 1000 + version, command: version, cause: 1, status: 'größer' }],
  summary: { version, status: 'running', openJobs: { base: version, bits: '5' }, generations: { 4: 2 } },
  ...more,
});

/** Text that no compression makes much smaller. */
export const makeNoise = (seed: number, characters: number): string => {
  let state = seed + 1;
  let text = '';
  while (text.length < characters) {
    state = (state * 48271) % 2147483647;
    text += state.toString(36);
  }
  return text.slice(0, characters);
};

const makeTombstone = (run: string, version: number, at: number): Commit => ({
  ...makeCommit(run, version, { at }),
  events: [{ type: 'RunArchived', number: version, at, outcome: 'completed', archive: 'archive-name', closedAt: at }],
  summary: { version, status: 'archived', openJobs: { base: 0, bits: '' }, generations: {} },
});

const append = (store: RunStore, commit: Commit): Promise<AppendOutcome> => store.append(commit, JSON.stringify(commit), CALL);

const appendAll = async (store: RunStore, commits: readonly Commit[]): Promise<void> => {
  for (const commit of commits) expect(await append(store, commit)).toBe('appended');
};

const versionsOf = (commits: readonly Commit[]): readonly number[] => commits.map(({ version }) => version);

const describeAppends = (use: () => Harness<RunStore>): void => {
  it('an unknown run is empty and has no summary', async () => {
    const { port } = use();
    expect(await port.load(makeName('run'), CALL)).toEqual([]);
    expect(await port.readSummary(makeName('run'), CALL)).toBeUndefined();
  });

  it('commits come back as they were appended, in the order of their versions', async () => {
    const { port } = use();
    const run = makeName('run');
    const commits = [1, 2, 3, 4, 5].map((version) => makeCommit(run, version));
    await appendAll(port, commits);
    expect(await port.load(run, CALL)).toEqual(commits);
  });

  it('order is by version, not by time of appending', async () => {
    const { port } = use();
    const run = makeName('run');
    for (const version of [2, 11, 1, 10]) await append(port, makeCommit(run, version));
    expect(versionsOf(await port.load(run, CALL))).toEqual([1, 2, 10, 11]);
  });

  it('of sixteen racing appends at one version one wins', async () => {
    const { port } = use();
    const run = makeName('run');
    await append(port, makeCommit(run, 1));
    const racers = Array.from({ length: 16 }, (_, index) => makeCommit(run, 2, { id: `racer-${index}` }));
    const outcomes = await Promise.all(racers.map((commit) => append(port, commit)));
    expect(outcomes.filter((outcome) => outcome === 'appended').length).toBe(1);
    const [, second] = await port.load(run, CALL);
    expect(second?.id).toBe(racers[outcomes.indexOf('appended')]?.id);
  });

  it('an append at a version that stands conflicts, also with the very same commit', async () => {
    const { port } = use();
    const run = makeName('run');
    await appendAll(port, [makeCommit(run, 1), makeCommit(run, 2)]);
    expect(await append(port, makeCommit(run, 1))).toBe('conflict');
    expect(await append(port, makeCommit(run, 2, { id: 'another' }))).toBe('conflict');
    expect(await port.load(run, CALL)).toEqual([makeCommit(run, 1), makeCommit(run, 2)]);
  });

  it('the summary is that of the newest commit', async () => {
    const { port } = use();
    const run = makeName('run');
    await appendAll(port, [makeCommit(run, 1), makeCommit(run, 2)]);
    expect(await port.readSummary(run, CALL)).toEqual(makeCommit(run, 2).summary);
  });

  it('runs do not meet, however alike their names are', async () => {
    const { port } = use();
    const base = makeName('run');
    const long = `${base}${'€'.repeat(400)}`;
    const runs = [base, `${base}/1`, `${base} `, `${base}ü`, base.toUpperCase(), long, `${long}/1`];
    for (const run of runs) expect(await append(port, makeCommit(run, 1))).toBe('appended');
    for (const run of runs) expect(versionsOf(await port.load(run, CALL))).toEqual([1]);
  });

  it('a long run comes back whole', async () => {
    const { port } = use();
    const run = makeName('run');
    const commits = Array.from({ length: 300 }, (_, index) => makeCommit(run, index + 1, { messages: ['x'.repeat(500)] }));
    await Promise.all(commits.map((commit) => append(port, commit)));
    expect(await port.load(run, CALL)).toEqual(commits);
  });

  it('a run too long to be kept in one piece comes back whole, and an append at any of its old versions conflicts', async () => {
    const { port, quiet, clock } = use();
    const run = makeName('run');
    const commits = Array.from({ length: 240 }, (_, index) =>
      makeCommit(run, index + 1, { at: clock.now() + index, messages: [makeNoise(index, 2000)] }),
    );
    for (let from = 0; from < commits.length; from += 40)
      await Promise.all(commits.slice(from, from + 40).map((commit) => append(port, commit)));
    await port.load(run, CALL);
    await quiet();
    for (const version of [1, 2, 100, 239, 240]) expect(await append(port, makeCommit(run, version, { id: 'zombie' }))).toBe('conflict');
    expect(await port.load(run, CALL)).toEqual(commits);
    expect(await port.readSummary(run, CALL)).toEqual(commits.at(-1)?.summary);
    expect(await append(port, makeCommit(run, 241))).toBe('appended');
  });

  it('a commit of a megabyte comes back, and its summary is read like any other', async () => {
    const { port } = use();
    const run = makeName('run');
    const commits = [makeCommit(run, 1), makeCommit(run, 2, { messages: [makeNoise(2, 1_000_000)] })];
    await appendAll(port, commits);
    expect(await port.load(run, CALL)).toEqual(commits);
    expect(await port.readSummary(run, CALL)).toEqual(commits[1]?.summary);
    expect(await append(port, makeCommit(run, 2, { id: 'another' }))).toBe('conflict');
  });

  it('an appended commit is there when the store is opened again', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const run = makeName('run');
    const commits = [makeCommit(run, 1), makeCommit(run, 2)];
    await appendAll(harness.port, commits);
    await harness.reopen();
    expect(await harness.port.load(run, CALL)).toEqual(commits);
    expect(await harness.port.readSummary(run, CALL)).toEqual(commits[1]?.summary);
    expect(await append(harness.port, makeCommit(run, 2, { id: 'another' }))).toBe('conflict');
    expect(await append(harness.port, makeCommit(run, 3))).toBe('appended');
  });

  it('what comes back fits the schema of commits', async () => {
    const { port } = use();
    const run = makeName('run');
    await append(port, makeTombstone(run, 1, 5000));
    for (const commit of await port.load(run, CALL)) expect(commitSchema.parse(commit)).toEqual(commit);
  });
};

const describeArchiving = (use: () => Harness<RunStore>): void => {
  const appendArchived = async (port: RunStore, run: string, archivedAt: number): Promise<void> => {
    await appendAll(port, [
      makeCommit(run, 1, { at: archivedAt - 3 * HOUR_MS }),
      makeCommit(run, 2, { at: archivedAt - 2 * HOUR_MS }),
      makeTombstone(run, 3, archivedAt),
    ]);
  };

  it('an archived run is its tombstone', async () => {
    const { port } = use();
    const run = makeName('run');
    await appendArchived(port, run, use().clock.now());
    const commits = await port.load(run, CALL);
    expect(versionsOf(commits)).toEqual([3]);
    expect(commits[0]?.events[0]?.type).toBe('RunArchived');
    expect((await port.readSummary(run, CALL))?.status).toBe('archived');
  });

  it('an append at any version of an archived run conflicts, also after pruning within 24 hours', async () => {
    const { port, clock } = use();
    const run = makeName('run');
    const archivedAt = clock.now();
    await appendArchived(port, run, archivedAt);
    for (const version of [1, 2, 3]) expect(await append(port, makeCommit(run, version, { id: 'zombie' }))).toBe('conflict');
    await port.prune(run, 3, archivedAt + 20 * HOUR_MS, CALL);
    for (const version of [1, 2, 3]) expect(await append(port, makeCommit(run, version, { id: 'zombie' }))).toBe('conflict');
  });

  it('pruning goes by the age of each successor, and the tombstone stays', async () => {
    const { port, clock } = use();
    const run = makeName('run');
    const archivedAt = clock.now();
    await appendArchived(port, run, archivedAt);
    // The successor of 1 is 24 h old, that of 2 is not.
    await port.prune(run, 3, archivedAt + 22 * HOUR_MS, CALL);
    expect(await append(port, makeCommit(run, 2, { id: 'zombie' }))).toBe('conflict');
    await port.prune(run, 3, archivedAt + 1000 * HOUR_MS, CALL);
    expect(await append(port, makeCommit(run, 3, { id: 'zombie' }))).toBe('conflict');
    expect(versionsOf(await port.load(run, CALL))).toEqual([3]);
    expect((await port.readSummary(run, CALL))?.status).toBe('archived');
  });

  it('pruning leaves the versions at and above the bound', async () => {
    const { port, clock } = use();
    const run = makeName('run');
    const now = clock.now();
    await appendAll(
      port,
      [1, 2, 3, 4].map((version) => makeCommit(run, version, { at: now })),
    );
    await port.prune(run, 3, now + 25 * HOUR_MS, CALL);
    expect(versionsOf(await port.load(run, CALL)).filter((version) => version >= 3)).toEqual([3, 4]);
    expect(await append(port, makeCommit(run, 3, { id: 'zombie' }))).toBe('conflict');
  });

  it('an archived run is archived when the store is opened again', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const run = makeName('run');
    const archivedAt = harness.clock.now();
    await appendArchived(harness.port, run, archivedAt);
    await harness.port.prune(run, 3, archivedAt + 25 * HOUR_MS, CALL);
    await harness.reopen();
    expect(versionsOf(await harness.port.load(run, CALL))).toEqual([3]);
    expect(await append(harness.port, makeCommit(run, 3, { id: 'zombie' }))).toBe('conflict');
  });
};

/**
 * Runs the run store suite on an adapter.
 *
 * @param name - names the adapter in the report
 * @param open - opens it for one test
 */
export const describeRunStore = (name: string, open: OpenHarness<RunStore>): void => {
  describe(`run store: ${name}`, () => {
    let harness: Harness<RunStore>;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());
    describe('appends', () => {
      describeAppends(() => harness);
    });
    describe('archiving', () => {
      describeArchiving(() => harness);
    });
    describe('claims (rule 12)', () => {
      describeClaims(() => harness);
    });
  });
};
