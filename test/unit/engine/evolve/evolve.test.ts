// Proves what a history leaves of a run: its state, and what workflow code is still to be asked about.
import { describe, expect, it } from 'vitest';
import { evolve, isDeliverable, replayCommits } from '../../../../src/engine/evolve/evolve.ts';
import { createRunState, readStatus } from '../../../../src/engine/run/run-state.ts';
import type { NewEvent, RunEvent } from '../../../../src/protocol/events.ts';
import {
  cancelRequested,
  childClosed,
  childStarted,
  jobFailed,
  jobHeld,
  jobScheduled,
  jobSucceeded,
  payload,
  runCompleted,
  runFailed,
  runStarted,
  signalReceived,
  timerFired,
  timerStarted,
} from '../../../support/pure/drafts.ts';
import { commitTo, GIVEN_AT, givenRun } from '../../../support/pure/given-run.ts';

const DAY_MS = 86_400_000;
const blocked: NewEvent = { type: 'RunBlocked', failure: { code: 'X', name: 'X', message: '' }, tries: 1, nextTryAt: 0 };
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

describe('the status of a run', () => {
  it.each<[string, readonly NewEvent[]]>([
    ['expected', [{ type: 'RunExpected', until: 0 }]],
    ['running', [runStarted()]],
    ['paused', [runStarted(), { type: 'RunPaused', requestId: 'p' }]],
    ['running', [runStarted(), { type: 'RunPaused', requestId: 'p' }, { type: 'RunResumed', requestId: 'r' }]],
    ['blocked', [runStarted(), blocked]],
    ['running', [runStarted(), blocked, { type: 'RunUnblocked' }]],
    ['canceling', [runStarted(), cancelRequested()]],
    ['canceling', [runStarted(), { type: 'RunPaused', requestId: 'p' }, cancelRequested()]],
    ['blocked', [runStarted(), { type: 'RunPaused', requestId: 'p' }, blocked]],
    ['failed', [runStarted(), runFailed(1)]],
    ['running', [runStarted(), runFailed(1), { type: 'RunRetried', requestId: 'r', withdrawn: [2] }]],
    ['completed', [runStarted(), runCompleted()]],
    ['canceled', [runStarted(), { type: 'RunCanceled', command: 1, cause: 1, reason: '' }]],
    ['terminated', [runStarted(), { type: 'RunTerminated', requestId: 't', reason: '' }]],
    ['refused', [runStarted(), { type: 'RunRefused', failure: { code: 'X', name: 'X', message: '' } }]],
    ['archived', [runStarted(), runCompleted(), { type: 'RunArchived', outcome: 'completed', archive: '', closedAt: 0 }]],
  ])('is %s after %j', (status, drafts) => {
    expect(readStatus(givenRun(drafts).state)).toBe(status);
  });
});

describe('what a run waits for', () => {
  const open = [runStarted(), jobScheduled(), timerStarted(0, { command: 2 }), childStarted({ command: 3 })];

  it('is known until it ends', () => {
    const { state } = givenRun(open);
    expect([[...state.jobs.keys()], [...state.timers.keys()], [...state.children.keys()]]).toEqual([[2], [3], [4]]);
    const ended = givenRun(open, [jobSucceeded(2), timerFired(3), childClosed(4)]).state;
    expect([ended.jobs.size, ended.timers.size, ended.children.size]).toEqual([0, 0, 0]);
  });

  it('of a job that failed, and of a child that did not complete, is kept: it may be retried', () => {
    const { state } = givenRun(open, [jobFailed(2), childClosed(4, 'failed')]);
    expect([state.jobs.get(2)?.status, state.children.get(4)?.status]).toEqual(['failed', 'closed']);
  });

  it('is kept by a run that failed, and forgotten by one that ended in any other way', () => {
    expect(givenRun(open, [runFailed(1)]).state.jobs.size).toBe(1);
    expect(givenRun(open, [runCompleted()]).state.jobs.size).toBe(0);
  });

  it('of a job that is retried is open again, in its next generation, from the time of the retry', () => {
    const { state } = givenRun(open, [jobHeld(2)], [{ type: 'JobRetried', job: 2, generation: 2, newKey: false, requestId: 'r' }]);
    expect(state.jobs.get(2)).toMatchObject({ status: 'open', generation: 2, keyGeneration: 1, commitAt: GIVEN_AT + 2000 });
  });

  it('is withdrawn by a retry of the run, with the numbers that it names', () => {
    const { state } = givenRun(
      open,
      [jobFailed(2), timerStarted(9, { command: 4, cause: 5 }), runFailed(5)],
      [{ type: 'RunRetried', requestId: 'r', withdrawn: [5, 6, 7] }],
    );
    expect([[...state.timers.keys()], readStatus(state), state.closedBy]).toEqual([[3], 'running', undefined]);
  });
});

describe('the header of a run', () => {
  it('takes up tags and deployments that change', () => {
    const { state } = givenRun(
      [runStarted({ tags: { a: '1', b: '1' } })],
      [
        { type: 'TagsSet', command: 1, cause: 1, tags: { b: '2', c: '3' } },
        { type: 'DeploymentChanged', deployment: 'two' },
      ],
    );
    expect(state.header).toMatchObject({ tags: { a: '1', b: '2', c: '3' }, deployment: 'two' });
  });

  it('takes up the generation that the parent asked for', () => {
    const parent = { run: 'parent', epoch: 0, event: 2, generation: 1, attached: true };
    const { state } = givenRun(
      [runStarted({ parent }), runFailed(1)],
      [{ type: 'RunRetried', requestId: 'r', withdrawn: [2], parentGeneration: 4 }],
    );
    expect(state.header?.parent).toEqual({ ...parent, generation: 4 });
  });
});

describe('request ids', () => {
  it('are remembered for 7 days', () => {
    const state = createRunState('run');
    commitTo(state, [runStarted()], { at: 0 });
    commitTo(state, [signalReceived('word', 'x', 'old')], { at: DAY_MS });
    commitTo(state, [signalReceived('word', 'x', 'young')], { at: 8 * DAY_MS });
    expect([...state.requests.keys()]).toEqual(['old', 'young']);
    commitTo(state, [signalReceived('word', 'x', 'now')], { at: 8 * DAY_MS + 1 });
    expect([...state.requests.keys()]).toEqual(['young', 'now']);
  });
});

describe('what workflow code is to be asked about', () => {
  it('is what came since it was asked, and nothing that it said itself', () => {
    const { state } = givenRun([runStarted(), jobScheduled()]);
    commitTo(state, [jobSucceeded(2), { type: 'RunPaused', requestId: 'p' }, signalReceived('word')], { decided: false });
    expect(state.undecided.map(({ type }) => type)).toEqual(['JobSucceeded', 'SignalReceived']);
    expect(state.decidedUpTo).toBe(2);
    commitTo(state, [], { decided: true });
    expect([state.undecided, state.decidedUpTo]).toEqual([[], 5]);
  });

  it('begins with RunContinued once a run began anew', () => {
    const { state } = givenRun([runStarted()], [signalReceived('word'), continued]);
    expect(state.undecided.map(({ type }) => type)).toEqual(['RunContinued']);
    expect(state.history?.map(({ type }) => type)).toEqual(['RunContinued']);
    expect(state.decidedUpTo).toBe(2);
  });

  it('keeps what came before the start in front of it', () => {
    const { state } = givenRun([{ type: 'RunExpected', until: 0 }, signalReceived('word')], [runStarted()]);
    expect(state.history?.map(({ type }) => type)).toEqual(['RunExpected', 'SignalReceived', 'RunStarted']);
  });

  it('forgets what has expired', () => {
    const { state } = givenRun(
      [{ type: 'RunExpected', until: 0 }, signalReceived('word'), cancelRequested()],
      [{ type: 'SignalsExpired' }],
    );
    expect([state.undecided, state.canceledAt, state.phase]).toEqual([[], undefined, 'unknown']);
  });

  it('is not a cancel of a job that the code asked for itself', () => {
    const given = (more: object): RunEvent => ({ type: 'JobCanceled', number: 3, at: 0, job: 2, generation: 1, reason: '', ...more });
    expect([isDeliverable(given({})), isDeliverable(given({ command: 2, cause: 1 }))]).toEqual([true, false]);
  });
});

describe('the history that is kept with the state', () => {
  it('goes once it is longer than 32 KB, and comes back when the run begins anew', () => {
    const { state } = givenRun([runStarted({ input: payload('x'.repeat(20_000)) })]);
    expect(state.history).toHaveLength(1);
    commitTo(state, [signalReceived('word', 'x'.repeat(20_000), 'long')]);
    expect(state.history).toBeUndefined();
    commitTo(state, [continued]);
    expect(state.history).toHaveLength(1);
  });
});

describe('a live run', () => {
  it('is kept under the last commit that was decided', () => {
    const { state } = givenRun([runStarted()], [signalReceived('word', 1)]);
    expect(state.liveCommit).toBe('commit 2');
    commitTo(state, [signalReceived('word', 2)], { decided: false });
    expect(state.liveCommit).toBe('commit 2');
  });

  it.each<[string, NewEvent]>([
    ['a new beginning', continued],
    ['another deployment', { type: 'DeploymentChanged', deployment: 'two' }],
    ['a retry', { type: 'RunRetried', requestId: 'r', withdrawn: [] }],
  ])('cannot follow %s', (_what, draft) => {
    const { state } = givenRun([runStarted()]);
    commitTo(state, [draft], { decided: draft.type === 'RunContinued' });
    expect(state.liveCommit).toBeUndefined();
  });
});

describe('a whole history', () => {
  it('folded at once comes to the state that it left commit by commit', () => {
    const given = givenRun(
      [runStarted(), jobScheduled()],
      [jobHeld(2)],
      [{ type: 'JobRetried', job: 2, generation: 2, newKey: true, requestId: 'r' }],
      [jobSucceeded(2, 'x', 2), runCompleted()],
    );
    expect(replayCommits('run', given.commits)).toEqual(given.state);
  });

  it('of many runs is never mixed: states share nothing', () => {
    const [one, two] = [createRunState('one'), createRunState('two')];
    evolve(one, { ...runStarted(), number: 1, at: 0 }, 0);
    expect(two).toEqual(createRunState('two'));
  });
});
