// Proves what StartRun, Signal and Cancel become, in each state of a run.
import { describe, expect, it } from 'vitest';
import {
  cancelRequested,
  jobHeld,
  jobScheduled,
  payload,
  runCompleted,
  runFailed,
  runStarted,
  signalReceived,
} from '../../../support/pure/drafts.ts';
import { eventsWhen, GIVEN_AT, givenRun, when, type MessageDraft } from '../../../support/pure/given-run.ts';

const HOUR_MS = 3_600_000;
const start: MessageDraft = {
  type: 'StartRun',
  app: 'desk',
  workflow: 'one-job',
  input: {},
  inputHash: '{}',
  tags: {},
  requestId: 'start again',
};
const signal: MessageDraft = { type: 'Signal', signal: 'word', value: payload('x'), requestId: 'signal' };
const cancel: MessageDraft = { type: 'Cancel', requestId: 'please', reason: 'enough' };
const blocked = { type: 'RunBlocked' as const, failure: { code: 'X', name: 'X', message: 'x' }, tries: 1, nextTryAt: 0 };
const expected = [{ type: 'RunExpected' as const, until: GIVEN_AT }];

describe('StartRun', () => {
  it('starts a run of which nothing is known, on the newest deployment', () => {
    expect(eventsWhen(givenRun(), start)).toMatchObject([{ type: 'RunStarted', deployment: 'one', requestId: 'start again' }]);
  });

  it('takes over a run that was expected, and one whose signals have expired', () => {
    expect(eventsWhen(givenRun(expected), start)).toMatchObject([{ type: 'RunStarted' }]);
    expect(eventsWhen(givenRun(expected, [{ type: 'SignalsExpired' }]), start)).toMatchObject([{ type: 'RunStarted' }]);
  });

  it('says its parent and its trace where it has them', () => {
    const parent = { run: 'parent', epoch: 0, event: 2, generation: 1, attached: true };
    expect(eventsWhen(givenRun(), { ...start, parent, traceparent: 'trace' })).toMatchObject([{ parent, traceparent: 'trace' }]);
  });

  it('for an app that is not known blocks the run, which is tried again in a second', () => {
    expect(eventsWhen(givenRun(), { ...start, app: 'nowhere' })).toMatchObject([
      { type: 'RunStarted' },
      { type: 'RunBlocked', tries: 1, failure: { code: 'APP_UNKNOWN' }, nextTryAt: GIVEN_AT + HOUR_MS + 1000 },
    ]);
  });

  it('for a deployment that is not known blocks the run', () => {
    expect(eventsWhen(givenRun(), { ...start, deployment: 'two' })).toMatchObject([
      { type: 'RunStarted' },
      { type: 'RunBlocked', failure: { code: 'DEPLOYMENT_UNKNOWN' } },
    ]);
  });

  it('for a workflow that the app has not is refused for good', () => {
    expect(eventsWhen(givenRun(), { ...start, workflow: 'nothing' })).toMatchObject([
      { type: 'RunStarted' },
      { type: 'RunRefused', failure: { code: 'WORKFLOW_UNKNOWN' } },
    ]);
  });

  it('with the same workflow and input is nothing new, whether the run is open or has ended', () => {
    expect(when(givenRun([runStarted()]), start)).toEqual({ kind: 'settled' });
    expect(when(givenRun([runStarted(), runCompleted()]), start)).toEqual({ kind: 'settled' });
  });

  it.each([
    ['another app', { app: 'other' }],
    ['another workflow', { workflow: 'other' }],
    ['another input', { inputHash: 'other' }],
    ['another parent', { parent: { run: 'parent', epoch: 0, event: 2, generation: 1, attached: true } }],
  ])('with %s is refused as RUN_EXISTS', (_what, other) => {
    expect(eventsWhen(givenRun([runStarted()]), { ...start, ...other })).toMatchObject([
      { type: 'RequestRefused', code: 'RUN_EXISTS', requestId: 'start again' },
    ]);
  });

  it('of a child whose id stands with another input is answered to the parent', () => {
    const parent = { run: 'parent', epoch: 0, event: 2, generation: 1, attached: true };
    expect(eventsWhen(givenRun([runStarted()]), { ...start, parent })).toMatchObject([{ type: 'RequestRefused', reply: parent }]);
  });
});

describe('Signal', () => {
  it('before the start opens the run as expected, for a day', () => {
    expect(eventsWhen(givenRun(), signal)).toMatchObject([
      { type: 'RunExpected', until: GIVEN_AT + 25 * HOUR_MS },
      { type: 'SignalReceived', signal: 'word' },
    ]);
    expect(eventsWhen(givenRun(expected), signal)).toMatchObject([{ type: 'SignalReceived' }]);
  });

  it.each([
    ['open', [runStarted()]],
    ['paused', [runStarted(), { type: 'RunPaused' as const, requestId: 'p' }]],
    ['blocked', [runStarted(), blocked]],
    ['canceling', [runStarted(), cancelRequested()]],
    ['failed', [runStarted(), runFailed(1)]],
  ])('is recorded by a run that is %s', (_state, drafts) => {
    expect(eventsWhen(givenRun(drafts), signal)).toMatchObject([{ type: 'SignalReceived', value: { json: 'x' }, requestId: 'signal' }]);
  });

  it.each([
    ['completed', runCompleted()],
    ['canceled', { type: 'RunCanceled' as const, command: 1, cause: 1, reason: '' }],
    ['terminated', { type: 'RunTerminated' as const, requestId: 't', reason: '' }],
  ])('is refused by a run that was %s', (_state, end) => {
    expect(eventsWhen(givenRun([runStarted(), end]), signal)).toMatchObject([{ type: 'RequestRefused', code: 'RUN_CLOSED' }]);
  });

  it('of a request id that was taken before is nothing new, for 7 days', () => {
    const given = givenRun([runStarted()], [signalReceived('word', 'x', 'signal')]);
    expect(when(given, signal)).toEqual({ kind: 'settled' });
    expect(when(givenRun([runStarted()], [signalReceived('word', 'x', 'other')]), signal)).toMatchObject({ kind: 'commit' });
  });
});

describe('Cancel', () => {
  it('asks an open run, and ends its held jobs in the same commit', () => {
    const given = givenRun([runStarted(), jobScheduled(), jobScheduled({ command: 2 })], [jobHeld(2)]);
    expect(eventsWhen(given, cancel)).toMatchObject([
      { type: 'CancelRequested', reason: 'enough' },
      { type: 'JobCanceled', job: 2, generation: 1 },
    ]);
  });

  it('waits for a run that has not started', () => {
    expect(eventsWhen(givenRun(), cancel).map(({ type }) => type)).toEqual(['RunExpected', 'CancelRequested']);
  });

  it.each([
    ['blocked', 'CANCEL_BLOCKED', [runStarted(), blocked]],
    ['canceling already', 'RUN_STATE', [runStarted(), cancelRequested()]],
    ['failed', 'RUN_CLOSED', [runStarted(), runFailed(1)]],
    ['completed', 'RUN_CLOSED', [runStarted(), runCompleted()]],
  ])('is refused by a run that is %s', (_state, code, drafts) => {
    expect(eventsWhen(givenRun(drafts), cancel)).toMatchObject([{ type: 'RequestRefused', code, requestId: 'please' }]);
  });
});
