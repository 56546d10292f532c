// Proves that a decision is stamped and numbered, and that a new beginning ends what the one before left open.
import { describe, expect, it } from 'vitest';
import { completeDecision } from '../../../../src/engine/commit/complete-decision.ts';
import type { NewEvent, RunEvent } from '../../../../src/protocol/events.ts';
import { childClosed, childStarted, jobFailed, jobHeld, jobScheduled, runStarted, timerStarted } from '../../../support/pure/drafts.ts';
import { givenRun } from '../../../support/pure/given-run.ts';

const continued: NewEvent = {
  type: 'RunContinued',
  command: 9,
  cause: 1,
  input: {},
  inputHash: '',
  signals: [],
  cancel: false,
  children: [],
};

/** A decision as the function answers it. */
const decide = (first: number, ...drafts: readonly NewEvent[]): RunEvent[] =>
  drafts.map((draft, index) => ({ ...draft, number: first + index, at: 0 }));
const short = (events: readonly RunEvent[]) => events.map((event) => [event.number, event.type]);

describe('a decision', () => {
  it('gets the time of its commit', () => {
    const { state } = givenRun([runStarted()]);
    expect(completeDecision(state, decide(2, jobScheduled(), jobScheduled({ command: 2 })), 77).map(({ at }) => at)).toEqual([77, 77]);
  });

  it('without a new beginning is left as it is', () => {
    const { state } = givenRun([runStarted(), jobScheduled()]);
    expect(short(completeDecision(state, decide(3, timerStarted(0)), 77))).toEqual([[3, 'TimerStarted']]);
  });
});

describe('a new beginning', () => {
  const open = [
    runStarted(),
    jobScheduled(),
    jobScheduled({ command: 2 }),
    timerStarted(0, { command: 3 }),
    childStarted({ command: 4 }),
    childStarted({ command: 5, attached: false }),
  ];

  it('comes last, after the end of what was open: jobs, held jobs, timers and attached children', () => {
    const { state } = givenRun(open, [jobHeld(3)]);
    const events = completeDecision(state, decide(8, continued), 77);
    expect(short(events)).toEqual([
      [8, 'JobCanceled'],
      [9, 'JobCanceled'],
      [10, 'TimerCanceled'],
      [11, 'ChildClosed'],
      [12, 'RunContinued'],
    ]);
    expect(events).toMatchObject([{ job: 2 }, { job: 3 }, { timer: 4 }, { child: 5, outcome: 'canceled' }, {}]);
  });

  it('ends what the very same decision asked for, too', () => {
    const { state } = givenRun([runStarted()]);
    const events = completeDecision(
      state,
      decide(
        2,
        jobScheduled(),
        timerStarted(0, { command: 2 }),
        childStarted({ command: 3 }),
        childStarted({ command: 4, attached: false }),
        continued,
      ),
      77,
    );
    expect(events.slice(4)).toMatchObject([
      { type: 'JobCanceled', job: 2, number: 6 },
      { type: 'TimerCanceled', timer: 3 },
      { type: 'ChildClosed', child: 4 },
      { type: 'RunContinued', number: 9 },
    ]);
  });

  it('ends nothing twice: not what has ended, nor what the code gave up itself', () => {
    const { state } = givenRun(open, [jobFailed(2), childClosed(5, 'failed')]);
    const gaveUp: readonly NewEvent[] = [
      { type: 'JobCanceled', job: 3, generation: 1, reason: '', command: 6, cause: 1 },
      { type: 'TimerCanceled', timer: 4, command: 7, cause: 1 },
      continued,
    ];
    expect(short(completeDecision(state, decide(9, ...gaveUp), 77))).toEqual([
      [9, 'JobCanceled'],
      [10, 'TimerCanceled'],
      [11, 'RunContinued'],
    ]);
  });

  it('ends a job in its present generation', () => {
    const { state } = givenRun(open.slice(0, 2), [{ type: 'JobRetried', job: 2, generation: 3, newKey: false, requestId: 'r' }]);
    expect(completeDecision(state, decide(4, continued), 77)[0]).toMatchObject({ type: 'JobCanceled', job: 2, generation: 3 });
  });

  it('may move to another deployment, right before it begins', () => {
    const { state } = givenRun([runStarted()]);
    expect(short(completeDecision(state, decide(2, continued), 77, 'two'))).toEqual([
      [2, 'DeploymentChanged'],
      [3, 'RunContinued'],
    ]);
  });
});
