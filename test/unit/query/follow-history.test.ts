// Filling the projection from the bus: what was there before, what comes after, and what cannot be read.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import { topics } from '../../../src/protocol/topics.ts';
import { followHistory, type HistoryFollower } from '../../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../../src/query/projection.ts';
import { readHistory, readInput } from '../../../src/query/read-history.ts';
import { makeVirtualClock } from '../../../src/testing/virtual-clock.ts';
import { makeBranches } from './branches.ts';
import { carry, makeCommits, scheduled, started } from './commits.ts';

const CALL = { timeoutMs: 1_000 };
const commits = makeCommits('trip-1', [
  { messages: ['request/start-1'], events: [started(), scheduled('pay')], status: 'running' },
  { events: [{ type: 'JobSucceeded', job: 2, generation: 1, output: {}, by: 'attempt' }], status: 'running' },
  { events: [{ type: 'RunCompleted', command: 2, cause: 3, output: { json: 'done' } }], status: 'completed' },
]);

let store: EmbeddedStore;
let projection: Projection;
let follower: HistoryFollower | undefined;
let reports: unknown[];

const publish = (messages: readonly Parameters<EmbeddedStore['bus']['publish']>[0][number][]): Promise<void> =>
  store.bus.publish(messages, CALL);
const follow = async (): Promise<void> => void (follower = await followHistory(store.bus, projection, (error) => reports.push(error)));

beforeEach(async () => {
  const clock = makeVirtualClock();
  reports = [];
  store = await openEmbeddedStore({ memory: true, clock, report: (error) => reports.push(error) });
  await store.bus.declareTopics([topics.history, topics.usage], CALL);
  projection = createProjection(clock);
  follower = undefined;
});

afterEach(async () => {
  await follower?.stop();
  await store.close();
});

describe('following the history', () => {
  it('brings the projection up to the present before it resolves', async () => {
    await publish(commits.map(carry));
    await follow();
    expect(projection.find('trip-1')).toMatchObject({ status: 'completed', version: 3 });
  });

  it('shows what is published afterwards', async () => {
    await follow();
    const ended = projection.awaitRun('trip-1', { timeoutMs: 60_000 });
    await publish(commits.map(carry));
    expect(await ended).toMatchObject({ output: { json: 'done' } });
  });

  it('takes refusals, notices and ledger entries too', async () => {
    const notice = {
      specversion: '1.0',
      type: 'starquake.attempt-running',
      data: { run: 'trip-1', job: 2, generation: 1, number: 1, since: 5 },
    };
    const refusal = {
      specversion: '1.0',
      type: 'starquake.refusal',
      data: { run: 'gone', requestId: 'q', code: 'RUN_UNKNOWN', message: 'no run' },
    };
    const entry = { at: 7, outcome: 'failed', attempt: { run: 'trip-1', job: 2, name: 'pay', generation: 1, number: 2 } };
    await publish([
      ...commits.slice(0, 1).map(carry),
      { topic: topics.history.name, key: 'trip-1', id: 'notice', body: JSON.stringify(notice) },
      { topic: topics.history.name, key: 'gone', id: 'refusal', body: JSON.stringify(refusal) },
      { topic: topics.usage.name, key: 'f', id: 'usage', body: JSON.stringify({ v: 1, entries: [entry, { at: 8, outcome: 'decided' }] }) },
    ]);
    await follow();
    expect(projection.find('trip-1')?.attempts.get(2)).toMatchObject({ number: 2, state: 'failed', at: 7 });
    expect(await projection.awaitRequest('gone', 'q', { timeoutMs: 0 })).toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('reports what cannot be read and goes on', async () => {
    await publish([{ topic: topics.history.name, key: 'trip-1', id: 'x', body: '{"specversion":' }, ...commits.map(carry)]);
    await follow();
    expect(reports).toEqual([expect.objectContaining({ code: 'MESSAGE_INVALID' })]);
    expect(projection.find('trip-1')?.version).toBe(3);
  });

  it('stops at a commit of a newer version and says so (rule 7)', async () => {
    const [first, second] = commits;
    if (first === undefined || second === undefined) throw new Error('The commits are there.');
    await publish([carry(first), carry({ ...second, v: 99, summary: { ...second.summary, version: -1 } })]);
    await follow();
    expect(reports).toEqual([expect.objectContaining({ code: 'UPGRADE_ME' })]);
    expect(projection.find('trip-1')?.version).toBe(1);
  });
});

describe('following the history of a deployment that was restored', () => {
  const { all, standing } = makeBranches('trip-1', 9, [{ kept: 4, added: 2 }]);
  const ghosts = makeBranches('trip-2', 5, [{ kept: 1, added: 1 }]);
  const isolate = (commit: (typeof all)[number]) => ({ ...carry(commit), id: commit.id });

  it('shows what stands of each run, and reads that back as its history', async () => {
    await publish([...all, ...ghosts.all].map(isolate));
    await follow();
    expect(projection.find('trip-1')).toMatchObject({ version: 6, said: '1/6' });
    expect(projection.find('trip-2')).toMatchObject({ version: 2, said: '1/2' });
    const row = projection.find('trip-1');
    expect(row && (await readHistory(store.bus, row))).toEqual(standing);
  });

  it('shows the new branch when it comes while the history is followed', async () => {
    await publish(all.slice(0, 9).map(isolate));
    await follow();
    const ended = projection.waitUntil('trip-1', () => (projection.find('trip-1')?.version === 6 ? 'mended' : undefined), {
      timeoutMs: 60_000,
    });
    await publish(all.slice(9).map(isolate));
    expect(await ended).toBe('mended');
    expect(projection.find('trip-1')).toMatchObject({ said: '1/6' });
  });

  it('mends with the next message what could not be read back', async () => {
    await publish(all.slice(0, 9).map(isolate));
    await follow();
    Object.assign(store.bus, { readStream: () => Promise.reject(new Error('not now')) });
    await publish(all.slice(9, 10).map(isolate));
    await expect.poll(() => reports).toEqual([expect.objectContaining({ message: 'not now' })]);
    expect(projection.find('trip-1')).toMatchObject({ said: '0/9' });
    Reflect.deleteProperty(store.bus, 'readStream');
    await publish(all.slice(10).map(isolate));
    await expect.poll(() => projection.find('trip-1')?.said).toBe('1/6');
  });
});

describe('reading a history back', () => {
  it('gives all commits of the run in order, and none of others', async () => {
    const other = makeCommits('trip-2', [{ events: [started()], status: 'running' }]);
    await publish([...commits.slice(0, 2), ...other, ...commits.slice(0, 1), ...commits.slice(2)].map(carry));
    await follow();
    const row = projection.find('trip-1');
    if (row === undefined) throw new Error('The run is there.');
    expect(await readHistory(store.bus, row)).toEqual(commits);
    expect(await readInput(store.bus, row)).toEqual({ json: { to: 'Rome' } });
  });
});
