// Proves what a retry of a failed run withdraws (rule 14), event by event.
import { describe, expect, it } from 'vitest';
import { findWithdrawal } from '../../../../src/engine/accept/accept-retry-run.ts';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import {
  childClosed,
  childStarted,
  jobFailed,
  jobScheduled,
  jobSucceeded,
  runFailed,
  runStarted,
  signalReceived,
  timerStarted,
} from '../../../support/pure/drafts.ts';
import { eventsWhen, givenRun, when } from '../../../support/pure/given-run.ts';

const twoJobs = [runStarted(), jobScheduled(), jobScheduled({ command: 2 })];
const withdrawn = (...steps: readonly (readonly NewEvent[])[]) => findWithdrawal(givenRun(...steps).history)?.withdrawn;
const retry = { type: 'RetryRun' as const, requestId: 'retry' };

describe('a withdrawal', () => {
  it('is of RunFailed and the failure whose delivery made the code throw', () => {
    expect(withdrawn([runStarted(), jobScheduled()], [jobFailed(2), runFailed(3)])).toEqual([3, 4]);
  });

  it('is of every failed job or child that was recorded after it', () => {
    expect(withdrawn(twoJobs, [jobFailed(2), runFailed(4)], [jobFailed(3)])).toEqual([4, 5, 6]);
    expect(
      withdrawn([runStarted(), jobScheduled(), childStarted({ command: 2 })], [jobFailed(2), runFailed(4)], [childClosed(3, 'failed')]),
    ).toEqual([4, 5, 6]);
  });

  it('is not of what failed before it, and was met by the code', () => {
    expect(withdrawn(twoJobs, [jobFailed(2)], [jobFailed(3), runFailed(5)])).toEqual([5, 6]);
  });

  it('is not of what succeeded, nor of signals, whenever they came', () => {
    expect(withdrawn(twoJobs, [jobFailed(2), runFailed(4)], [jobSucceeded(3), signalReceived('word')])).toEqual([4, 5]);
  });

  it('is of every command that was emitted from that delivery on', () => {
    const after = [timerStarted(0, { command: 3, cause: 4 }), { type: 'StatusSet' as const, command: 4, cause: 4, status: 'sad' }];
    expect(withdrawn(twoJobs, [jobFailed(2), ...after, runFailed(4)])).toEqual([4, 5, 6, 7]);
  });

  it('has something that may have begun when such a command is a job or a child', () => {
    const reaction = (draft: NewEvent) => findWithdrawal(givenRun(twoJobs, [jobFailed(2), draft, runFailed(4)]).history)?.reacted;
    expect(reaction(jobScheduled({ command: 3, cause: 4 }))).toMatchObject({ number: 5 });
    expect(reaction(childStarted({ command: 3, cause: 4 }))).toMatchObject({ number: 5 });
    expect(reaction(timerStarted(0, { command: 3, cause: 4 }))).toBeUndefined();
  });

  it('is of RunFailed alone when the code threw by itself', () => {
    expect(withdrawn(twoJobs, [jobSucceeded(2), runFailed(4)])).toEqual([5]);
    expect(withdrawn([runStarted(), runFailed(1)])).toEqual([2]);
  });

  it('is not of a child that the code gave up itself', () => {
    const given = [{ ...childClosed(2, 'canceled'), command: 2, cause: 1 } as NewEvent, runFailed(3)];
    expect(withdrawn([runStarted(), childStarted()], given)).toEqual([4]);
  });

  it('leaves out what was withdrawn before', () => {
    const first = [
      { type: 'RunRetried' as const, requestId: 'r', withdrawn: [3, 4] },
      { type: 'JobRetried' as const, job: 2, generation: 2, newKey: false, requestId: 'r' },
    ];
    expect(
      withdrawn([runStarted(), jobScheduled()], [jobFailed(2), runFailed(3)], first, [jobFailed(2, 'again', 2), runFailed(7)]),
    ).toEqual([7, 8]);
  });
});

describe('RetryRun', () => {
  const failed = givenRun(twoJobs, [jobFailed(2), runFailed(4)], [jobFailed(3)]);

  it('becomes RunRetried, and a new generation of each job that is withdrawn', () => {
    expect(eventsWhen(failed, retry)).toMatchObject([
      { type: 'RunRetried', withdrawn: [4, 5, 6], requestId: 'retry' },
      { type: 'JobRetried', job: 2, generation: 2, newKey: false },
      { type: 'JobRetried', job: 3, generation: 2 },
    ]);
  });

  it('asks for the history when it is not at hand', () => {
    expect(when(failed, retry, { history: undefined })).toEqual({ kind: 'needHistory' });
  });

  it('moves a run that threw by itself to the newest deployment', () => {
    const given = givenRun([runStarted({ deployment: 'old' }), runFailed(1)]);
    expect(eventsWhen(given, retry)).toMatchObject([
      { type: 'RunRetried', withdrawn: [2] },
      { type: 'DeploymentChanged', deployment: 'one' },
    ]);
    expect(eventsWhen(givenRun([runStarted(), runFailed(1)]), retry).map(({ type }) => type)).toEqual(['RunRetried']);
  });

  it('of a child is refused unless its parent asks, whose generation it takes over then', () => {
    const parent = { run: 'parent', epoch: 0, event: 5, generation: 1, attached: true };
    const child = givenRun([runStarted({ parent }), runFailed(1)]);
    expect(eventsWhen(child, retry)).toMatchObject([{ type: 'RequestRefused', code: 'RETRY_PARENT' }]);
    expect(eventsWhen(child, { ...retry, parent: { ...parent, generation: 2 } })).toMatchObject([
      { type: 'RunRetried', parentGeneration: 2 },
    ]);
  });

  it('of a detached child is its own affair', () => {
    const parent = { run: 'parent', epoch: 0, event: 5, generation: 1, attached: false };
    expect(eventsWhen(givenRun([runStarted({ parent }), runFailed(1)]), retry)).toMatchObject([{ type: 'RunRetried' }]);
  });

  it('that is refused is answered to the parent that asked', () => {
    const parent = { run: 'parent', epoch: 0, event: 5, generation: 2, attached: true };
    expect(eventsWhen(givenRun([runStarted({ parent })]), { ...retry, parent })).toMatchObject([
      { type: 'RequestRefused', code: 'RUN_NOT_FAILED', reply: parent },
    ]);
  });
});
