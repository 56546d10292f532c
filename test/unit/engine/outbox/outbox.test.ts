// Proves what each commit promises, message by message.
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import {
  cancelRequested,
  childClosed,
  childStarted,
  jobFailed,
  jobHeld,
  jobScheduled,
  runCompleted,
  runFailed,
  runStarted,
  signalReceived,
  timerStarted,
} from '../../../support/pure/drafts.ts';
import { commitTo, GIVEN_AT, givenRun, outboxOf, type GivenRun } from '../../../support/pure/given-run.ts';

const DAY_MS = 86_400_000;
const parent = { run: 'parent', epoch: 3, event: 5, generation: 2, attached: true };

/** Letters but the one on `history`, as what they say. */
const lettersOf = (given: GivenRun): unknown[] =>
  outboxOf(given).letters.flatMap(({ topic, body }): unknown[] => (topic === 'history' ? [] : [JSON.parse(body)]));
const duesOf = (given: GivenRun) =>
  outboxOf(given).dues.map(({ dueAt, topic, id, message }) => ({ dueAt, topic, id, message: JSON.parse(message) as unknown }));

/** Gives a run whose last commit has other parts than its events. */
const givenCommit = (
  steps: readonly (readonly NewEvent[])[],
  last: readonly NewEvent[],
  parts: Parameters<typeof commitTo>[2],
): GivenRun => {
  const given = givenRun(...steps);
  const commits = [...given.commits, commitTo(given.state, last, parts)];
  return { state: given.state, commits, history: commits.flatMap(({ events }) => events) };
};

describe('every commit', () => {
  it('promises the same each time it is asked', () => {
    const given = givenRun([runStarted(), jobScheduled(), timerStarted(GIVEN_AT + 1, { command: 2 }), childStarted({ command: 3 })]);
    expect(outboxOf(given)).toEqual(outboxOf(given));
  });

  it('promises itself to history, as a CloudEvent', () => {
    const given = givenRun([runStarted()]);
    const [letter] = outboxOf(given).letters;
    expect(letter).toMatchObject({ topic: 'history', key: 'run', id: 'run/1' });
    expect(JSON.parse(letter?.body ?? '')).toEqual({
      specversion: '1.0',
      id: 'run/1',
      source: 'starquake',
      type: 'starquake.commit',
      subject: 'run',
      time: new Date(GIVEN_AT).toISOString(),
      data: given.commits[0],
    });
  });
});

describe('a job', () => {
  it('that is scheduled promises its first attempt, on its own topic', () => {
    const given = givenRun([runStarted({ tags: { a: '1' }, traceparent: 'trace' }), jobScheduled({ job: 'pay', input: { json: 7 } })]);
    expect(outboxOf(given).letters[0]).toMatchObject({ topic: 'jobs.desk.pay', key: 'run', id: '0/run/attempt/2/1/1' });
    expect(lettersOf(given)).toEqual([
      {
        type: 'Attempt',
        v: 1,
        run: 'run',
        epoch: 0,
        app: 'desk',
        workflow: 'one-job',
        job: 2,
        name: 'pay',
        generation: 1,
        number: 1,
        keyGeneration: 1,
        deployment: 'one',
        input: { json: 7 },
        timeoutMs: 10_000,
        commitAt: GIVEN_AT,
        tags: { a: '1' },
        traceparent: 'trace',
      },
    ]);
  });

  it('with a total timeout promises its failure at that time', () => {
    const given = givenRun([runStarted(), jobScheduled({ totalTimeoutMs: 60_000 })]);
    expect(duesOf(given)).toMatchObject([
      {
        dueAt: GIVEN_AT + 60_000,
        topic: 'inbox',
        message: { type: 'JobFailed', job: 2, generation: 1, failure: { code: 'ATTEMPT_TIMED_OUT' } },
      },
    ]);
  });

  it('that is retried promises an attempt of the new generation, and of the epoch in which it was scheduled', () => {
    const given = givenCommit(
      [[runStarted(), jobScheduled()], [jobHeld(2)]],
      [{ type: 'JobRetried', job: 2, generation: 2, newKey: true, requestId: 'r' }],
      { epoch: 5 },
    );
    expect(lettersOf(given)).toMatchObject([
      { type: 'Attempt', epoch: 0, generation: 2, number: 1, keyGeneration: 2, commitAt: GIVEN_AT + 2000 },
    ]);
  });

  it('that was given up in the very commit that scheduled it promises nothing', () => {
    expect(
      lettersOf(givenRun([runStarted(), jobScheduled(), { type: 'JobCanceled', job: 2, generation: 1, reason: '', command: 2, cause: 1 }])),
    ).toEqual([]);
  });
});

describe('a timer', () => {
  it('promises to fire when it is due, in the epoch of its commit', () => {
    const given = givenCommit([], [runStarted(), timerStarted(GIVEN_AT + 5)], { epoch: 4 });
    expect(duesOf(given)).toEqual([
      { dueAt: GIVEN_AT + 5, topic: 'inbox', id: 'run/4/timer/2', message: { v: 1, type: 'TimerFired', run: 'run', epoch: 4, timer: 2 } },
    ]);
  });

  it('that was given up in the same commit promises nothing', () => {
    expect(duesOf(givenRun([runStarted(), timerStarted(GIVEN_AT + 5), { type: 'TimerCanceled', timer: 2, command: 2, cause: 1 }]))).toEqual(
      [],
    );
  });
});

describe('a child', () => {
  it('that is started promises StartRun, with its parent and a request id of its own', () => {
    const given = givenRun([runStarted({ traceparent: 'trace' }), childStarted({ tags: { a: '1' }, attached: false })]);
    expect(lettersOf(given)).toEqual([
      {
        type: 'StartRun',
        v: 1,
        run: 'child',
        app: 'desk',
        workflow: 'one-job',
        input: {},
        inputHash: '{}',
        tags: { a: '1' },
        requestId: '0/run/2',
        parent: { run: 'run', epoch: 0, event: 2, generation: 1, attached: false },
        traceparent: 'trace',
        origin: { run: 'run', version: 1, epoch: 0, commit: 'commit 1' },
      },
    ]);
  });

  it('that is retried promises RetryRun, in the name of the parent', () => {
    const given = givenRun([runStarted(), childStarted()], [childClosed(2, 'failed')], [{ type: 'ChildRetried', child: 2, generation: 2 }]);
    expect(lettersOf(given)).toMatchObject([
      { type: 'RetryRun', run: 'child', requestId: '0/run/2/2', parent: { run: 'run', event: 2, generation: 2 } },
    ]);
  });

  it('that its parent gave up promises Cancel; one that ended by itself promises nothing', () => {
    const open = [runStarted(), childStarted()];
    expect(lettersOf(givenRun(open, [{ ...childClosed(2, 'canceled'), command: 2, cause: 1 }]))).toMatchObject([
      { type: 'Cancel', run: 'child' },
    ]);
    expect(lettersOf(givenCommit([open], [childClosed(2, 'canceled')], { messages: ['0/child/2/1'] }))).toEqual([]);
  });
});

describe('a cancel', () => {
  it('promises Cancel to attached children, and an end to each open job after its timeout', () => {
    const open = [
      runStarted(),
      jobScheduled({ timeoutMs: 7000 }),
      childStarted({ command: 2 }),
      childStarted({ command: 3, run: 'free', attached: false }),
    ];
    const given = givenRun(open, [cancelRequested()]);
    expect(lettersOf(given)).toMatchObject([{ type: 'Cancel', run: 'child' }]);
    expect(duesOf(given)).toMatchObject([
      { dueAt: GIVEN_AT + 1000 + 7000, message: { type: 'JobCanceled', job: 2, generation: 1, reason: 'the run was canceled' } },
    ]);
  });

  it('before the start promises nothing but that the run is expected', () => {
    const given = givenRun([{ type: 'RunExpected', until: GIVEN_AT + DAY_MS }, cancelRequested()]);
    expect(lettersOf(given)).toEqual([]);
    expect(duesOf(given)).toMatchObject([{ dueAt: GIVEN_AT + DAY_MS, message: { type: 'Wake', cause: 'expected', version: 1 } }]);
  });
});

describe('the end of a run', () => {
  const canceled: NewEvent = { type: 'RunCanceled', command: 1, cause: 1, reason: 'enough' };
  const terminated: NewEvent = { type: 'RunTerminated', requestId: 't', reason: 'enough' };
  const refused: NewEvent = { type: 'RunRefused', failure: { code: 'X', name: 'X', message: '' } };

  it.each<[string, NewEvent, object]>([
    ['completed', runCompleted('done'), { outcome: 'completed', output: { json: 'done' } }],
    ['failed', runFailed(1), { outcome: 'failed', failure: { code: 'Error' } }],
    ['canceled', canceled, { outcome: 'canceled', failure: { code: 'RUN_CANCELED', message: 'enough' } }],
    ['terminated', terminated, { outcome: 'terminated', failure: { code: 'RUN_TERMINATED' } }],
    ['refused', refused, { outcome: 'refused', failure: { code: 'X' } }],
  ])('as %s is answered to its parent, in the generation that the parent asked for', (_outcome, end, said) => {
    expect(lettersOf(givenRun([runStarted({ parent }), end]))).toMatchObject([
      { type: 'ChildClosed', run: 'parent', epoch: 3, child: 5, generation: 2, ...said },
    ]);
  });

  it.each<[NewEvent, number]>([
    [runCompleted(), DAY_MS],
    [canceled, DAY_MS],
    [terminated, DAY_MS],
    [runFailed(1), 30 * DAY_MS],
  ])('by %o promises Archive when its retention is over', (end, keptMs) => {
    expect(duesOf(givenRun([runStarted(), end])).at(-1)).toMatchObject({
      dueAt: GIVEN_AT + keptMs,
      message: { type: 'Archive', closing: 2 },
    });
  });

  it('cancels attached children when it was canceled, terminates them when it was terminated, else leaves them alone', () => {
    const told = (end: NewEvent) =>
      lettersOf(givenRun([runStarted(), childStarted(), childStarted({ command: 2, run: 'free', attached: false }), end]));
    expect(told(canceled)).toMatchObject([{ type: 'StartRun' }, { type: 'StartRun' }, { type: 'Cancel', run: 'child' }]);
    expect(told(terminated).at(-1)).toMatchObject({ type: 'Terminate', run: 'child' });
    expect(told(runCompleted())).toHaveLength(2);
    expect(told(runFailed(1))).toHaveLength(2);
  });

  it('by a tombstone promises to let the older versions go, under another name than the Archive that caused it', () => {
    const given = givenRun([runStarted(), runCompleted()], [{ type: 'RunArchived', outcome: 'completed', archive: 'a', closedAt: 0 }]);
    expect(duesOf(given)).toMatchObject([{ dueAt: GIVEN_AT + 1000 + 25 * 3_600_000, message: { type: 'Archive', closing: 3 } }]);
  });
});

describe('a request that a parent made', () => {
  it('is answered when it is refused', () => {
    const given = givenRun([runStarted()], [{ type: 'RequestRefused', requestId: 'r', code: 'RUN_EXISTS', message: 'no', reply: parent }]);
    expect(lettersOf(given)).toMatchObject([
      { type: 'ChildClosed', run: 'parent', child: 5, generation: 2, outcome: 'failed', failure: { code: 'RUN_EXISTS' } },
    ]);
  });
});

describe('a Wake', () => {
  const wakes = (given: GivenRun) => lettersOf(given).map((message) => message as { type: string; cause: string; version: number });

  it('is promised by a commit that leaves commands, or something to be asked about', () => {
    expect(wakes(givenCommit([[runStarted()]], [], { more: true }))).toMatchObject([{ type: 'Wake', cause: 'more', version: 2 }]);
    expect(wakes(givenCommit([[runStarted()]], [signalReceived('word')], { decided: false }))).toMatchObject([
      { cause: 'undecided', version: 2 },
    ]);
  });

  it('is promised by a new beginning', () => {
    const continued: NewEvent = {
      type: 'RunContinued',
      command: 1,
      cause: 1,
      input: {},
      inputHash: '',
      signals: [],
      cancel: false,
      children: [],
    };
    expect(wakes(givenRun([runStarted()], [continued]))).toMatchObject([{ cause: 'undecided', version: 2 }]);
  });

  it.each<[string, NewEvent]>([
    ['paused', { type: 'RunPaused', requestId: 'p' }],
    ['has ended', runCompleted()],
  ])('is not promised by a run that is %s', (_state, draft) => {
    expect(
      wakes(givenCommit([[runStarted()]], [signalReceived('word'), draft], { decided: false })).filter(({ type }) => type === 'Wake'),
    ).toEqual([]);
  });

  it('of a blocked run is promised for its next try, and none at once', () => {
    const blocked: NewEvent = { type: 'RunBlocked', failure: { code: 'X', name: 'X', message: '' }, tries: 1, nextTryAt: GIVEN_AT + 9 };
    const given = givenCommit([[runStarted()]], [signalReceived('word'), blocked], { decided: false });
    expect(lettersOf(given)).toEqual([]);
    expect(duesOf(given)).toMatchObject([{ dueAt: GIVEN_AT + 9, message: { type: 'Wake', cause: 'blocked', version: 2 } }]);
  });

  it('of the watch entry is promised where the commit puts one', () => {
    const given = givenCommit([], [runStarted(), jobScheduled()], { watchAt: GIVEN_AT + 77 });
    expect(duesOf(given)).toMatchObject([
      { dueAt: GIVEN_AT + 77, id: 'run/wake/1/watch', message: { type: 'Wake', cause: 'watch', version: 1 } },
    ]);
  });
});

describe('a failure that the code has met', () => {
  it('promises nothing', () => {
    expect(lettersOf(givenRun([runStarted(), jobScheduled()], [jobFailed(2)]))).toEqual([]);
  });
});
