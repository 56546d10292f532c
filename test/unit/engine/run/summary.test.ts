// Proves that the summary of a commit says which jobs are open, however many there are and wherever they lie.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunState } from '../../../../src/engine/run/run-state.ts';
import { isCanceledBeforeAttempt, isWanted, summarize } from '../../../../src/engine/run/summary.ts';
import { evolve } from '../../../../src/engine/evolve/evolve.ts';
import type { RunStatus } from '../../../../src/protocol/commit.ts';
import { cancelRequested, jobFailed, jobHeld, jobScheduled, runStarted } from '../../../support/pure/drafts.ts';
import { givenRun } from '../../../support/pure/given-run.ts';

/** A run with open jobs at these event numbers. */
const openAt = (numbers: readonly number[]) => {
  const state = createRunState('run');
  evolve(state, { ...runStarted(), number: 1, at: 0 }, 0);
  for (const number of numbers.toSorted((a, b) => a - b)) evolve(state, { ...jobScheduled(), number, at: 0 }, 0);
  return state;
};

describe('the open jobs of a summary', () => {
  it('are those that are open or held, and no others', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 2, max: 3000 }), { maxLength: 200 });
    fc.assert(
      fc.property(numbers, (open) => {
        const summary = summarize(openAt(open), 1);
        const wanted = Array.from({ length: 3100 }, (_, number) => number).filter((number) =>
          isWanted(summary, { job: number, epoch: 0, generation: 1 }),
        );
        expect(wanted).toEqual(open.toSorted((a, b) => a - b));
      }),
    );
  });

  it('take a bit each, from the first of them on', () => {
    expect(summarize(openAt([1000, 1001, 1004]), 1).openJobs).toEqual({ base: 1000, bits: '31' });
    expect(summarize(openAt([]), 1).openJobs).toEqual({ base: 0, bits: '' });
  });

  it('stay small: 10,000 of them in a row are 2,500 letters', () => {
    const summary = summarize(openAt(Array.from({ length: 10_000 }, (_, index) => index + 2)), 1);
    expect(summary.openJobs.bits).toHaveLength(2500);
  });

  it('leave out the jobs whose failure the code has met', () => {
    const { state } = givenRun([runStarted(), jobScheduled(), jobScheduled({ command: 2 })], [jobFailed(2)]);
    const summary = summarize(state, 2);
    expect([isWanted(summary, { job: 2, epoch: 0, generation: 1 }), isWanted(summary, { job: 3, epoch: 0, generation: 1 })]).toEqual([
      false,
      true,
    ]);
  });
});

describe('an attempt is wanted', () => {
  it('in the present generation of its job only', () => {
    const { state } = givenRun(
      [runStarted(), jobScheduled(), jobScheduled({ command: 2 })],
      [jobHeld(2)],
      [{ type: 'JobRetried', job: 2, generation: 2, newKey: false, requestId: 'r' }],
    );
    const summary = summarize(state, 3);
    expect(summary.generations).toEqual({ 2: 2 });
    expect([
      isWanted(summary, { job: 2, epoch: 0, generation: 1 }),
      isWanted(summary, { job: 2, epoch: 0, generation: 2 }),
      isWanted(summary, { job: 3, epoch: 0, generation: 1 }),
      isWanted(summary, { job: 3, epoch: 0, generation: 2 }),
    ]).toEqual([false, true, true, false]);
  });

  it.each<[boolean, readonly RunStatus[]]>([
    [true, ['running', 'paused', 'blocked', 'canceling', 'failed']],
    [false, ['completed', 'canceled', 'terminated', 'refused', 'archived']],
  ])('%s in a run that is %j', (wanted, statuses) => {
    const summary = summarize(openAt([2]), 1);
    expect(statuses.map((status) => isWanted({ ...summary, status }, { job: 2, epoch: 0, generation: 1 }))).toEqual(
      statuses.map(() => wanted),
    );
  });

  it('no more, if it has not begun, once its run was canceled after it was scheduled', () => {
    const { state } = givenRun([runStarted(), jobScheduled()], [cancelRequested()], [jobScheduled({ command: 2, cause: 3 })]);
    const summary = summarize(state, 3);
    expect([isCanceledBeforeAttempt(summary, 2), isCanceledBeforeAttempt(summary, 4)]).toEqual([true, false]);
  });
});
