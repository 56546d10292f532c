// Proves what administrators' requests become, and that none is refused in silence.
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import {
  cancelRequested,
  jobFailed,
  jobHeld,
  jobScheduled,
  payload,
  runCompleted,
  runFailed,
  runStarted,
  timerStarted,
} from '../../../support/pure/drafts.ts';
import { eventsWhen, GIVEN_AT, givenRun, when, type MessageDraft } from '../../../support/pure/given-run.ts';

const requestId = 'request';
const paused: NewEvent = { type: 'RunPaused', requestId: 'p' };
const openJob = [runStarted(), jobScheduled()];
const refusedAs = (code: string) => [{ type: 'RequestRefused', requestId, code }];

describe('Pause and Resume', () => {
  it('a run that is open is paused, one that is paused is resumed', () => {
    expect(eventsWhen(givenRun([runStarted()]), { type: 'Pause', requestId })).toEqual([{ type: 'RunPaused', requestId }]);
    expect(eventsWhen(givenRun([runStarted(), paused]), { type: 'Resume', requestId })).toEqual([{ type: 'RunResumed', requestId }]);
  });

  it.each([
    ['Pause', 'paused', [runStarted(), paused]],
    ['Pause', 'canceling', [runStarted(), cancelRequested()]],
    ['Pause', 'closed', [runStarted(), runCompleted()]],
    ['Pause', 'expected', [{ type: 'RunExpected' as const, until: 0 }]],
    ['Resume', 'not paused', [runStarted()]],
  ] as const)('%s is refused by a run that is %s', (type, _state, drafts) => {
    expect(eventsWhen(givenRun(drafts), { type, requestId })).toMatchObject(refusedAs('RUN_STATE'));
  });
});

describe('Terminate', () => {
  const terminate: MessageDraft = { type: 'Terminate', requestId, reason: 'enough' };

  it.each([
    ['running', [runStarted()]],
    ['paused', [runStarted(), paused]],
    ['blocked', [runStarted(), { type: 'RunBlocked' as const, failure: { code: 'X', name: 'X', message: '' }, tries: 1, nextTryAt: 0 }]],
    ['canceling', [runStarted(), cancelRequested()]],
    ['failed', [runStarted(), runFailed(1)]],
  ])('ends a run that is %s, at once', (_state, drafts) => {
    expect(eventsWhen(givenRun(drafts), terminate)).toEqual([{ type: 'RunTerminated', requestId, reason: 'enough' }]);
  });

  it('is refused by a run that has ended', () => {
    expect(eventsWhen(givenRun([runStarted(), runCompleted()]), terminate)).toMatchObject(refusedAs('RUN_CLOSED'));
  });
});

describe('RetryJob, CompleteJob and CancelJob', () => {
  const requests: readonly MessageDraft[] = [
    { type: 'RetryJob', requestId, job: 2, newKey: true },
    { type: 'CompleteJob', requestId, job: 2, output: payload('by hand') },
    { type: 'CancelJob', requestId, job: 2 },
  ];
  const becomes = [
    { type: 'JobRetried', job: 2, generation: 2, newKey: true, requestId },
    { type: 'JobSucceeded', job: 2, generation: 1, output: payload('by hand'), by: 'request', requestId },
    { type: 'JobCanceled', job: 2, generation: 1, requestId },
  ];

  it.each([
    ['open', [openJob]],
    ['held', [openJob, [jobHeld(2)]]],
    ['open in a run that has failed', [openJob, [runFailed(1)]]],
    ['open in a run that is paused', [openJob, [paused]]],
  ])('change a job that is %s', (_state, steps) => {
    expect(requests.map((request) => eventsWhen(givenRun(...steps), request)[0])).toMatchObject(becomes);
  });

  it('count the generations of each job by itself', () => {
    const given = givenRun(
      [...openJob, jobScheduled({ command: 2 })],
      [{ type: 'JobRetried', job: 2, generation: 2, newKey: false, requestId: 'r' }],
    );
    expect(eventsWhen(given, { type: 'RetryJob', requestId, job: 3, newKey: false })).toMatchObject([{ generation: 2 }]);
    expect(eventsWhen(given, { type: 'RetryJob', requestId, job: 2, newKey: false })).toMatchObject([{ generation: 3 }]);
  });

  it.each([
    ['whose failure the code was told', 'REACTED', [openJob, [jobFailed(2)]]],
    ['that there is not', 'JOB_NOT_OPEN', [[runStarted()]]],
    ['of a run that has ended', 'RUN_STATE', [[...openJob, runCompleted()]]],
  ])('are refused for a job %s', (_what, code, steps) => {
    for (const request of requests) expect(eventsWhen(givenRun(...steps), request)).toMatchObject(refusedAs(code));
  });
});

describe('FireTimer', () => {
  it('fires a timer that waits, and is refused for any other', () => {
    const given = givenRun([runStarted(), timerStarted(GIVEN_AT + 1e9)]);
    expect(eventsWhen(given, { type: 'FireTimer', requestId, timer: 2 })).toEqual([{ type: 'TimerFired', timer: 2, requestId }]);
    expect(eventsWhen(given, { type: 'FireTimer', requestId, timer: 3 })).toMatchObject(refusedAs('NOT_DUE'));
  });
});

describe('a request', () => {
  it('for a run that is not there is refused as RUN_UNKNOWN', () => {
    expect(eventsWhen(givenRun(), { type: 'Pause', requestId })).toMatchObject(refusedAs('RUN_UNKNOWN'));
  });

  it('that was taken or refused before is nothing new', () => {
    const refused: NewEvent = { type: 'RequestRefused', requestId, code: 'RUN_STATE', message: '' };
    expect(when(givenRun([runStarted(), refused]), { type: 'Pause', requestId })).toEqual({ kind: 'settled' });
    expect(when(givenRun([runStarted(), { type: 'RunPaused', requestId }]), { type: 'Pause', requestId })).toEqual({ kind: 'settled' });
  });

  it('for a run that is archived is refused outside of its history, which can take nothing', () => {
    const archived = givenRun([runStarted(), runCompleted()], [{ type: 'RunArchived', outcome: 'completed', archive: 'a', closedAt: 0 }]);
    expect(when(archived, { type: 'Terminate', requestId, reason: '' })).toMatchObject({ kind: 'refused', code: 'RUN_CLOSED' });
  });
});
