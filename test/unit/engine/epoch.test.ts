// Proves what becomes of what a restore has lost: a part of a history that messages still speak of, while the run goes on without it.
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { isWanted } from '../../../src/engine/run/summary.ts';
import { childStarted, jobScheduled, runCompleted, runStarted } from '../../support/pure/drafts.ts';
import { commitTo, givenRun, outboxOf, when, type GivenRun } from '../../support/pure/given-run.ts';

/** Goes on with a run in epochs of their own, a commit each. */
const goOn = (given: GivenRun, ...steps: readonly (readonly [epoch: number, drafts: readonly NewEvent[]])[]): GivenRun => {
  const commits = [...given.commits, ...steps.map(([epoch, drafts]) => commitTo(given.state, drafts, { epoch }))];
  return { state: given.state, commits, history: commits.flatMap(({ events }) => events) };
};

const isWantedOf = ({ commits }: GivenRun, job: number, epoch: number): boolean => {
  const summary = commits.at(-1)?.summary;
  return summary !== undefined && isWanted(summary, { job, epoch, generation: 1 });
};

describe('an attempt of a lost part', () => {
  // Event 3 was another job in the part that is lost.
  const restored = goOn(givenRun([runStarted(), jobScheduled()]), [1, [jobScheduled({ command: 2 })]], [2, [jobScheduled({ command: 3 })]]);

  it('is not wanted, although the run has a job of that number again', () => {
    expect([isWantedOf(restored, 3, 0), isWantedOf(restored, 3, 1), isWantedOf(restored, 3, 2)]).toEqual([false, true, false]);
    expect([isWantedOf(restored, 4, 0), isWantedOf(restored, 4, 1), isWantedOf(restored, 4, 2)]).toEqual([false, false, true]);
  });

  it('leaves those from before the restore what they were', () => {
    expect([isWantedOf(restored, 2, 0), isWantedOf(restored, 2, 1)]).toEqual([true, false]);
  });

  it('costs a summary nothing where nothing was ever restored', () => {
    expect(givenRun([runStarted(), jobScheduled()]).commits[0]?.summary).not.toHaveProperty('epochs');
  });
});

describe('a message of a later version than the run has', () => {
  const restored = givenRun([runStarted(), jobScheduled()]);

  it.each(['more', 'undecided', 'blocked', 'watch'] as const)(
    'is not recorded, so that the Wake (%s) of the commit to come counts',
    (cause) => {
      expect(when(restored, { type: 'Wake', version: 2, cause })).toEqual({ kind: 'settled' });
      expect(when(goOn(givenRun([runStarted()]), [1, [jobScheduled()]]), { type: 'Wake', version: 2, cause })).toMatchObject({
        tries: true,
      });
    },
  );

  it('does not keep the end to come from being archived', () => {
    expect(when(restored, { type: 'Archive', closing: 3 })).toEqual({ kind: 'settled' });
  });
});

describe('what a run says to another one', () => {
  const given = goOn(givenRun([runStarted()]), [1, [childStarted()]]);

  it('names the commit that says so, by which it is known whether that was lost', () => {
    const [start] = outboxOf(given).letters.filter(({ topic }) => topic === 'inbox');
    const origin = { run: 'run', version: 2, epoch: 1, commit: 'commit 2' };
    expect(JSON.parse(start?.body ?? '')).toMatchObject({ type: 'StartRun', parent: { epoch: 1 }, requestId: '1/run/2', origin });
  });

  it('as does the answer of a child', () => {
    const parent = { run: 'parent', epoch: 0, event: 7, generation: 1, attached: true };
    const ended = goOn(givenRun([runStarted({ parent })]), [1, [runCompleted()]]);
    const [answer] = outboxOf(ended).letters.filter(({ key }) => key === 'parent');
    const origin = { run: 'run', version: 2, epoch: 1, commit: 'commit 2' };
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ type: 'ChildClosed', epoch: 0, origin });
  });
});
