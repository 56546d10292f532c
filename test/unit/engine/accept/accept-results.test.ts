// Proves what the answers of jobs, timers and children become: each counts once, in the generation that it belongs to.
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import {
  cancelRequested,
  childClosed,
  childStarted,
  failure,
  jobFailed,
  jobHeld,
  jobScheduled,
  jobSucceeded,
  payload,
  runCompleted,
  runFailed,
  runStarted,
  timerFired,
  timerStarted,
} from '../../../support/pure/drafts.ts';
import { eventsWhen, givenRun, when, type MessageDraft } from '../../../support/pure/given-run.ts';

const about = { epoch: 0, job: 2, generation: 1 };
const succeeded: MessageDraft = { type: 'JobSucceeded', ...about, output: payload('done'), attempt: 1 };
const failed: MessageDraft = { type: 'JobFailed', ...about, failure: failure(), attempt: 3 };
const held: MessageDraft = { type: 'JobHeld', ...about, failure: failure(), attempt: 3 };
const canceled: MessageDraft = { type: 'JobCanceled', ...about, reason: 'why' };
const fired: MessageDraft = { type: 'TimerFired', epoch: 0, timer: 2 };
const closed: MessageDraft = { type: 'ChildClosed', epoch: 0, child: 2, generation: 1, outcome: 'completed', output: payload('done') };
const retried: NewEvent = { type: 'JobRetried', job: 2, generation: 2, newKey: false, requestId: 'retry' };
const settled = { kind: 'settled' };
const openJob = [runStarted(), jobScheduled()];

describe('an answer of a job', () => {
  it.each([succeeded, failed, held, canceled])('%o is the event of its name while the job is open', (message) => {
    expect(eventsWhen(givenRun(openJob), message)).toMatchObject([{ type: message.type, job: 2, generation: 1 }]);
  });

  it('a total timeout does not close a held job: it waits for an administrator', () => {
    expect(eventsWhen(givenRun(openJob, [jobHeld(2)]), failed)).toEqual([]);
  });

  it.each([succeeded, canceled])('%o is the event of its name while the job is held', (message) => {
    expect(eventsWhen(givenRun(openJob, [jobHeld(2)]), message)).toMatchObject([{ type: message.type }]);
  });

  it.each([
    ['has succeeded', [jobSucceeded(2)]],
    ['was canceled', [{ type: 'JobCanceled' as const, job: 2, generation: 1, reason: '' }]],
  ])('counts no more once the job %s', (_what, end) => {
    for (const message of [succeeded, failed, held, canceled]) expect(when(givenRun(openJob, end), message)).toEqual(settled);
  });

  it('of a job that has failed changes nothing, and only a success is committed: a retry could make it count', () => {
    const given = givenRun(openJob, [jobFailed(2)]);
    expect(when(given, succeeded)).toEqual({ kind: 'commit', events: [] });
    for (const message of [failed, held, canceled]) expect(when(given, message)).toEqual(settled);
  });

  it('of an earlier generation counts only if it is a success', () => {
    const given = givenRun(openJob, [retried]);
    expect(eventsWhen(given, succeeded)).toMatchObject([{ type: 'JobSucceeded', generation: 1 }]);
    for (const message of [failed, held, canceled]) expect(when(given, message)).toEqual(settled);
  });

  it('of another epoch does not count', () => {
    for (const message of [succeeded, failed, held, canceled]) expect(when(givenRun(openJob), { ...message, epoch: 1 })).toEqual(settled);
  });

  it('counts while the run is paused, canceling or failed', () => {
    for (const more of [{ type: 'RunPaused' as const, requestId: 'p' }, cancelRequested(), runFailed(1)]) {
      expect(eventsWhen(givenRun(openJob, [more]), succeeded)).toMatchObject([{ type: 'JobSucceeded' }]);
    }
  });

  it('that would hold a job is a cancel once the run is being canceled', () => {
    expect(eventsWhen(givenRun(openJob, [cancelRequested()]), held)).toMatchObject([
      { type: 'JobCanceled', reason: 'the run was canceled' },
    ]);
  });

  it('that would hold a job scheduled after the cancel, by code that cleans up, does hold it', () => {
    const given = givenRun([runStarted(), cancelRequested(), { ...jobScheduled(), cause: 2 }]);
    expect(eventsWhen(given, { ...held, job: 3 })).toMatchObject([{ type: 'JobHeld', job: 3 }]);
  });

  it('a second hold changes nothing', () => {
    expect(when(givenRun(openJob, [jobHeld(2)]), held)).toEqual(settled);
  });

  it('about a job that was never asked for counts for nothing', () => {
    expect(when(givenRun([runStarted()]), succeeded)).toEqual(settled);
  });
});

describe('a timer', () => {
  it('fires once', () => {
    expect(eventsWhen(givenRun([runStarted(), timerStarted(0)]), fired)).toEqual([timerFired(2)]);
    expect(when(givenRun([runStarted(), timerStarted(0)], [timerFired(2)]), fired)).toEqual(settled);
  });

  it('that was canceled, or is of another epoch, does not fire', () => {
    expect(when(givenRun([runStarted(), timerStarted(0)], [{ type: 'TimerCanceled', timer: 2 }]), fired)).toEqual(settled);
    expect(when(givenRun([runStarted(), timerStarted(0)]), { ...fired, epoch: 1 })).toEqual(settled);
  });

  it('fires into a failed run, whose retry will want it', () => {
    expect(eventsWhen(givenRun([runStarted(), timerStarted(0)], [runFailed(1)]), fired)).toEqual([timerFired(2)]);
  });
});

describe('the end of a child', () => {
  const openChild = [runStarted(), childStarted()];

  it('is recorded once, with its output or its failure', () => {
    expect(eventsWhen(givenRun(openChild), closed)).toMatchObject([
      { type: 'ChildClosed', child: 2, outcome: 'completed', output: { json: 'done' } },
    ]);
    expect(when(givenRun(openChild, [childClosed(2)]), closed)).toEqual(settled);
    expect(when(givenRun(openChild, [childClosed(2, 'failed')]), closed)).toEqual(settled);
  });

  it('counts in the present generation only', () => {
    const given = givenRun(openChild, [childClosed(2, 'failed')], [{ type: 'ChildRetried', child: 2, generation: 2 }]);
    expect(when(given, closed)).toEqual(settled);
    expect(eventsWhen(given, { ...closed, generation: 2 })).toMatchObject([{ type: 'ChildClosed', generation: 2 }]);
  });
});

describe('whatever tells a run that has ended for good something', () => {
  it('is done with', () => {
    const given = givenRun([runStarted(), jobScheduled(), timerStarted(0, { command: 2 }), childStarted({ command: 3 }), runCompleted()]);
    for (const message of [succeeded, failed, held, canceled, { ...fired, timer: 3 }, { ...closed, child: 4 }] as MessageDraft[])
      expect(when(given, message)).toEqual(settled);
  });
});
