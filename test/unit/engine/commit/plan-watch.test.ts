// Proves which commits leave a watch entry, and for when.
import { describe, expect, it } from 'vitest';
import { planWatch } from '../../../../src/engine/commit/plan-watch.ts';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import { childStarted, jobHeld, jobScheduled, runCompleted, runStarted, timerStarted } from '../../../support/pure/drafts.ts';
import { commitTo, givenRun } from '../../../support/pure/given-run.ts';

const MINUTE_MS = 60_000;
const plan = (...drafts: readonly NewEvent[]) => planWatch(givenRun(drafts).state, [], 0);

describe('a watch entry', () => {
  it('is put ten minutes after the last end that is expected of jobs and children', () => {
    expect(plan(runStarted(), jobScheduled({ timeoutMs: 1000 }), jobScheduled({ command: 2, timeoutMs: 5000 }))).toBe(
      5000 + 10 * MINUTE_MS,
    );
    expect(plan(runStarted(), childStarted())).toBe(70 * MINUTE_MS);
  });

  it.each<[string, readonly NewEvent[]]>([
    ['waits for nothing but signals', [runStarted()]],
    ['waits for a timer, which brings it to mind anyway', [runStarted(), jobScheduled(), timerStarted(0, { command: 2 })]],
    ['waits for an administrator', [runStarted(), jobScheduled(), jobHeld(2)]],
    [
      'is blocked, and tried again by itself',
      [runStarted(), jobScheduled(), { type: 'RunBlocked', failure: { code: 'X', name: 'X', message: '' }, tries: 1, nextTryAt: 0 }],
    ],
    ['has ended', [runStarted(), jobScheduled(), runCompleted()]],
  ])('is not put for a run that %s', (_what, drafts) => {
    expect(plan(...drafts)).toBeUndefined();
  });

  it('is not put while one is out, and again once that has fired', () => {
    const { state } = givenRun([runStarted(), jobScheduled()]);
    commitTo(state, [], { watchAt: 5 });
    expect(planWatch(state, ['request/x'], 0)).toBeUndefined();
    expect(planWatch(state, ['wake/1/watch'], 0)).toBeUndefined();
    expect(planWatch(state, ['wake/2/watch'], 0)).toBeDefined();
  });
});
