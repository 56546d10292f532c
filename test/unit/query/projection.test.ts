// The projection: the same whatever comes twice or out of order (rule 22), and what it says of a run.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Commit } from '../../../src/protocol/commit.ts';
import { createProjection, type Projection } from '../../../src/query/projection.ts';
import type { AttemptRow } from '../../../src/query/run-row.ts';
import { makeVirtualClock } from '../../../src/testing/virtual-clock.ts';
import { makeCommits, scheduled, started, TICK_MS } from './commits.ts';

const booking = makeCommits('trip-1', [
  { messages: ['request/start-1'], events: [started({ tags: { customer: '42' } }), scheduled('pay')], status: 'running' },
  {
    events: [{ type: 'JobSucceeded', job: 2, generation: 1, output: { json: 1 }, by: 'attempt' }, scheduled('flight'), scheduled('hotel')],
    status: 'running',
  },
  { messages: ['request/pause-1'], events: [{ type: 'RunPaused', requestId: 'pause-1' }], status: 'paused' },
  {
    messages: ['request/resume-1'],
    events: [
      { type: 'RunResumed', requestId: 'resume-1' },
      { type: 'TagsSet', command: 4, cause: 3, tags: { to: 'Rome' } },
    ],
    status: 'running',
  },
  {
    events: [{ type: 'JobHeld', job: 5, generation: 1, attempts: 3, failure: { code: 'FULL', name: 'Error', message: 'full' } }],
    status: 'running',
  },
  {
    messages: ['request/again'],
    events: [{ type: 'JobRetried', job: 5, generation: 2, newKey: false, requestId: 'again' }],
    status: 'running',
  },
  {
    events: [
      { type: 'TimerStarted', command: 5, cause: 3, name: 'sleep', dueAt: 9_000 },
      { type: 'StatusSet', command: 6, cause: 3, status: 'waiting' },
    ],
    status: 'running',
  },
]);

const attempts: readonly AttemptRow[] = [
  { run: 'trip-1', job: 2, generation: 1, number: 1, state: 'succeeded', at: 1_500 },
  { run: 'trip-1', job: 5, generation: 1, number: 3, state: 'failed', at: 5_000 },
  { run: 'trip-1', job: 5, generation: 2, number: 1, state: 'running', at: 6_000 },
  { run: 'trip-1', job: 4, generation: 1, number: 1, state: 'failed', at: 3_000 },
  { run: 'trip-1', job: 4, generation: 1, number: 2, state: 'running', at: 4_000 },
];

const makeProjection = (): Projection => createProjection(makeVirtualClock());

const applyAll = (projection: Projection, commits: readonly Commit[]): void => {
  for (const commit of commits) projection.apply(commit, { partition: 0, position: commit.version * 10 });
};

describe('the projection', () => {
  it('is the same whatever comes twice or out of order', () => {
    const plain = makeProjection();
    applyAll(plain, booking);
    for (const attempt of attempts) plain.applyAttempt(attempt);
    const news = [...booking, ...attempts];
    const anyOrder = fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2, maxLength: news.length * 2 });
    fc.assert(
      fc.property(anyOrder, (order) => {
        const projection = makeProjection();
        for (const one of order) {
          if ('events' in one) projection.apply(one, { partition: 0, position: one.version * 10 });
          else projection.applyAttempt(one);
        }
        expect(projection.find('trip-1')).toEqual(plain.find('trip-1'));
      }),
    );
  });

  it('shows what a run waits for, with the newest attempt of each job', () => {
    const projection = makeProjection();
    applyAll(projection, booking);
    for (const attempt of attempts) projection.applyAttempt(attempt);
    const row = projection.find('trip-1');
    expect(row).toMatchObject({ status: 'running', said: 'waiting', tags: { customer: '42', to: 'Rome' }, deployment: 'dev', version: 7 });
    expect([...(row?.jobs.values() ?? [])]).toMatchObject([
      { number: 4, name: 'flight', state: 'open', generation: 1 },
      { number: 5, name: 'hotel', state: 'open', generation: 2 },
    ]);
    expect(row?.attempts.get(5)).toMatchObject({ generation: 2, number: 1, state: 'running' });
    expect([...(row?.timers.values() ?? [])]).toEqual([{ number: 11, name: 'sleep', dueAt: 9_000 }]);
  });

  it('forgets what a run waited for once it has ended, and keeps its result', () => {
    const projection = makeProjection();
    applyAll(
      projection,
      makeCommits('r', [
        { events: [started(), scheduled('pay')], status: 'running' },
        { events: [{ type: 'RunCompleted', command: 2, cause: 1, output: { json: 'done' } }], status: 'completed' },
      ]),
    );
    const row = projection.find('r');
    expect(row).toMatchObject({
      status: 'completed',
      outcome: 'completed',
      output: { json: 'done' },
      startedAt: TICK_MS,
      closedAt: 2 * TICK_MS,
    });
    expect(row?.jobs.size).toBe(0);
  });

  it('opens a failed run again when it is retried', () => {
    const failure = { code: 'FULL', name: 'Error', message: 'full' };
    const projection = makeProjection();
    const commits = makeCommits('r', [
      { events: [started(), scheduled('hotel')], status: 'running' },
      {
        events: [
          { type: 'JobFailed', job: 2, generation: 1, attempts: 1, failure },
          { type: 'RunFailed', command: 2, cause: 3, failure },
        ],
        status: 'failed',
      },
      {
        events: [
          { type: 'RunRetried', requestId: 'q', withdrawn: [3, 4] },
          { type: 'JobRetried', job: 2, generation: 2, newKey: false, requestId: 'q' },
        ],
        status: 'running',
      },
    ]);
    applyAll(projection, commits.slice(0, 2));
    expect(projection.find('r')).toMatchObject({ outcome: 'failed', failure });
    expect(projection.find('r')?.jobs.get(2)).toMatchObject({ state: 'failed', attempts: 1 });
    applyAll(projection, commits.slice(2));
    expect(projection.find('r')).toMatchObject({ status: 'running', outcome: undefined, closedAt: undefined, failure: undefined });
    expect(projection.find('r')?.jobs.get(2)).toMatchObject({ state: 'open', generation: 2 });
  });
});

describe('waiting', () => {
  it('for a request resolves when a commit lists it, at once when one did before', async () => {
    const projection = makeProjection();
    const waiting = projection.awaitRequest('trip-1', 'pause-1', { timeoutMs: 60_000 });
    applyAll(projection, booking);
    expect(await waiting).toEqual({ kind: 'accepted' });
    expect(await projection.awaitRequest('trip-1', 'resume-1', { timeoutMs: 0 })).toEqual({ kind: 'accepted' });
  });

  it('for a request resolves with the refusal, in the history or beside it', async () => {
    const projection = makeProjection();
    applyAll(
      projection,
      makeCommits('r', [
        { events: [started()], status: 'running' },
        {
          messages: ['request/q'],
          events: [{ type: 'RequestRefused', requestId: 'q', code: 'NOT_DUE', message: 'no timer' }],
          status: 'running',
        },
      ]),
    );
    projection.applyRefusal({ run: 'gone', requestId: 'q', code: 'RUN_UNKNOWN', message: 'no run' });
    expect(await projection.awaitRequest('r', 'q', { timeoutMs: 1 })).toEqual({ kind: 'refused', code: 'NOT_DUE', message: 'no timer' });
    expect(await projection.awaitRequest('gone', 'q', { timeoutMs: 1 })).toEqual({
      kind: 'refused',
      code: 'RUN_UNKNOWN',
      message: 'no run',
    });
  });

  it('for a start tells that the run was refused', async () => {
    const projection = makeProjection();
    const failure = { code: 'WORKFLOW_UNKNOWN', name: 'StarquakeError', message: 'no such workflow' };
    applyAll(
      projection,
      makeCommits('r', [{ messages: ['request/start-1'], events: [started(), { type: 'RunRefused', failure }], status: 'refused' }]),
    );
    expect(await projection.awaitRequest('r', 'start-1', { timeoutMs: 1 })).toEqual({
      kind: 'refused',
      code: 'WORKFLOW_UNKNOWN',
      message: 'no such workflow',
    });
  });

  it('ends at the deadline, with what is known of the run', async () => {
    const clock = makeVirtualClock();
    const projection = createProjection(clock);
    applyAll(projection, booking);
    const run = projection.awaitRun('trip-1', { timeoutMs: 5_000 });
    const request = projection.awaitRequest('trip-1', 'never', { timeoutMs: 5_000 });
    clock.advance(5_000);
    expect(await run).toMatchObject({ status: 'running' });
    expect(await request).toBeUndefined();
    expect(clock.timers).toBe(0);
  });

  it('can be canceled, and leaves no timer behind', async () => {
    const clock = makeVirtualClock();
    const projection = createProjection(clock);
    const stop = new AbortController();
    const waiting = projection.awaitRun('never', { timeoutMs: 5_000, signal: stop.signal });
    stop.abort();
    expect(await waiting).toBeUndefined();
    expect(clock.timers).toBe(0);
  });
});

describe('lists', () => {
  const listAll = (projection: Projection, limit: number): string[] => {
    const runs: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = projection.list({ limit, cursor });
      runs.push(...page.rows.map(({ run }) => run));
      cursor = page.cursor;
      if (cursor === undefined) return runs;
    }
  };

  it('go from the newest run to the oldest, page by page, whatever the order in which runs became known', () => {
    const projection = makeProjection();
    for (const [run, at] of [
      ['b', 20],
      ['a', 20],
      ['d', 40],
      ['c', 30],
      ['e', 10],
    ] as const) {
      applyAll(projection, makeCommits(run, [{ events: [started()], status: 'running' }], at));
    }
    for (const limit of [1, 2, 3, 10]) expect(listAll(projection, limit)).toEqual(['d', 'c', 'b', 'a', 'e']);
  });

  it('filter by app, workflow, status and all tags given', () => {
    const projection = makeProjection();
    applyAll(projection, booking);
    applyAll(projection, makeCommits('other', [{ events: [started({ app: 'reports', workflow: 'nightly' })], status: 'blocked' }]));
    const list = (filter: object): string[] => projection.list({ limit: 10, ...filter }).rows.map(({ run }) => run);
    expect(list({ app: 'reports' })).toEqual(['other']);
    expect(list({ workflow: 'book-trip' })).toEqual(['trip-1']);
    expect(list({ status: 'blocked' })).toEqual(['other']);
    expect(list({ tags: { customer: '42', to: 'Rome' } })).toEqual(['trip-1']);
    expect(list({ tags: { customer: '42', to: 'Oslo' } })).toEqual([]);
  });

  it('refuse a cursor that no page gave', () => {
    expect(() => makeProjection().list({ limit: 1, cursor: 'nonsense' })).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
});
