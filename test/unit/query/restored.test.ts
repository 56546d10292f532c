// The projection after a restore: a higher epoch replaces what an older one had from its version on, whatever comes twice or out of order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Commit } from '../../../src/protocol/commit.ts';
import { createProjection, type Projection } from '../../../src/query/projection.ts';
import type { AttemptRow } from '../../../src/query/run-row.ts';
import { makeVirtualClock } from '../../../src/testing/virtual-clock.ts';
import { anyBranches, makeBranches } from './branches.ts';

type News = Commit | AttemptRow;

const makeProjection = (): Projection => createProjection(makeVirtualClock());

/** Tells a projection news, each commit at its own place, and mends what is torn where `mends` says so, and at the end. */
const tell = (projection: Projection, all: readonly Commit[], news: readonly News[], mends: readonly boolean[] = []): void => {
  const mend = (): void => {
    for (const { run, positions } of projection.listTorn(0))
      projection.mend(
        run,
        positions.flatMap((position) => all[position] ?? []),
      );
  };
  for (const [index, one] of news.entries()) {
    if ('events' in one) projection.apply(one, { partition: 0, position: all.indexOf(one) });
    else projection.applyAttempt(one);
    if (mends[index % Math.max(1, mends.length)] === true) mend();
  }
  mend();
};

/** What a projection shows that only ever met these commits. */
const showPlain = (all: readonly Commit[], standing: readonly Commit[], attempts: readonly AttemptRow[] = []) => {
  const projection = makeProjection();
  tell(projection, all, [...standing, ...attempts]);
  return projection.find('trip');
};

const anyNews = (all: readonly News[]): fc.Arbitrary<readonly News[]> =>
  fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 });

describe('a run whose table went back', () => {
  it('shows what stands, and no trace of what was lost, whatever comes twice or out of order', () => {
    const anyStory = anyBranches('trip').chain(({ all, standing }) =>
      fc.record({ all: fc.constant(all), standing: fc.constant(standing), news: anyNews(all), mends: fc.array(fc.boolean()) }),
    );
    fc.assert(
      fc.property(anyStory, ({ all, standing, news, mends }) => {
        const projection = makeProjection();
        tell(projection, all, news, mends);
        expect(projection.find('trip')).toEqual(showPlain(all, standing));
        expect(projection.list({ limit: 10 }).rows).toEqual([projection.find('trip')]);
      }),
      { numRuns: 300 },
    );
  });

  it('shows attempts of the new epoch only, whatever comes twice or out of order', () => {
    const { all, standing } = makeBranches('trip', 5, [{ kept: 2, added: 3 }]);
    const job = standing[4]?.events.find(({ type }) => type === 'JobScheduled')?.number ?? 0;
    const attempt = { run: 'trip', generation: 1, number: 1, state: 'failed' } as const;
    const lost = [
      { ...attempt, job, at: 5_000 },
      { ...attempt, job: 4, at: 5_001 },
    ];
    const kept = [{ ...attempt, job: 4, number: 2, at: 2_000_000 }];
    fc.assert(
      fc.property(anyNews([...all, ...lost, ...kept]), (news) => {
        const projection = makeProjection();
        tell(projection, all, news);
        expect(projection.find('trip')).toEqual(showPlain(all, standing, kept));
        expect([...(projection.find('trip')?.attempts.values() ?? [])]).toEqual(kept);
      }),
    );
  });

  it('shows a new branch that is shorter than the lost one', () => {
    const { all } = makeBranches('trip', 9, [{ kept: 4, added: 1 }]);
    const projection = makeProjection();
    tell(projection, all, all);
    expect(projection.find('trip')).toMatchObject({
      version: 5,
      said: '1/5',
      spans: [
        { epoch: 0, from: 1 },
        { epoch: 1, from: 5 },
      ],
    });
    expect(projection.find('trip')?.positions).toEqual([0, 1, 2, 3, 9]);
  });

  it('is not moved by a lost commit that is published again, whatever its version', () => {
    const { all } = makeBranches('trip', 9, [{ kept: 4, added: 1 }]);
    const projection = makeProjection();
    tell(projection, all, all);
    const before = structuredClone(projection.find('trip'));
    tell(projection, all, all.slice(0, 9));
    expect(projection.find('trip')).toEqual(before);
  });

  it('stays as it is while no commit of the new epoch has come, and while it waits to be mended', () => {
    const { all } = makeBranches('trip', 9, [{ kept: 4, added: 2 }]);
    const projection = makeProjection();
    for (const commit of all) projection.apply(commit, { partition: 0, position: all.indexOf(commit) });
    expect(projection.find('trip')).toMatchObject({ version: 9, said: '0/9' });
    expect(projection.listTorn(0)).toEqual([expect.objectContaining({ run: 'trip', positions: [0, 1, 2, 3] })]);
    expect(projection.listTorn(1)).toEqual([]);
  });

  it('that began again from nothing needs nothing read back, and is listed where it began now', () => {
    const { all, standing } = makeBranches('trip', 3, [{ kept: 0, added: 2 }]);
    const projection = makeProjection();
    for (const commit of all) projection.apply(commit, { partition: 0, position: all.indexOf(commit) });
    expect(projection.listTorn(0)).toEqual([]);
    expect(projection.find('trip')).toEqual(showPlain(all, standing));
    expect(projection.list({ limit: 10 }).rows).toHaveLength(1);
    expect(projection.list({ limit: 10 }).rows[0]?.createdAt).toBe(standing[0]?.at);
  });
});

describe('requests to a run whose table went back', () => {
  it('are answered by the branch that stands: what a lost one said of them counts no more', async () => {
    const { all } = makeBranches('trip', 5, [{ kept: 2, added: 3 }]);
    const projection = makeProjection();
    tell(projection, all, all);
    expect(await projection.awaitRequest('trip', 'request-0-2', { timeoutMs: 0 })).toEqual({ kind: 'accepted' });
    expect(await projection.awaitRequest('trip', 'request-0-5', { timeoutMs: 0 })).toBeUndefined();
    expect(await projection.awaitRequest('trip', 'request-1-4', { timeoutMs: 0 })).toMatchObject({ kind: 'refused', code: 'NOT_DUE' });
  });

  it('are waited for until the new branch says what became of them', async () => {
    const { all } = makeBranches('trip', 5, [{ kept: 2, added: 3 }]);
    const projection = makeProjection();
    tell(projection, all, all.slice(0, 5));
    const waiting = projection.awaitRequest('trip', 'request-1-5', { timeoutMs: 60_000 });
    tell(projection, all, all.slice(5));
    expect(await waiting).toEqual({ kind: 'accepted' });
  });

  it('that were refused beside the history are refused no more when the run has gone on in a new epoch', async () => {
    const { all, standing } = makeBranches('trip', 3, [{ kept: 2, added: 1 }]);
    const at = standing.at(-1)?.at ?? 0;
    const projection = makeProjection();
    const refuse = (requestId: string, refusedAt: number): void =>
      projection.applyRefusal({ run: 'trip', requestId, code: 'RUN_CLOSED', message: 'closed', at: refusedAt });
    refuse('before', at - 1);
    refuse('after', at + 1);
    expect(await projection.awaitRequest('trip', 'before', { timeoutMs: 0 })).toMatchObject({ code: 'RUN_CLOSED' });
    tell(projection, all, all);
    expect(await projection.awaitRequest('trip', 'before', { timeoutMs: 0 })).toBeUndefined();
    expect(await projection.awaitRequest('trip', 'after', { timeoutMs: 0 })).toMatchObject({ code: 'RUN_CLOSED' });
  });

  it('whoever watches is told of each commit of the new branch once', () => {
    const { all } = makeBranches('trip', 5, [{ kept: 2, added: 3 }]);
    const projection = makeProjection();
    const told: string[] = [];
    projection.watch('trip', (news) => news.kind === 'commit' && told.push(news.commit.id));
    tell(projection, all, all);
    expect(told).toEqual(all.map(({ id }) => id));
  });
});
