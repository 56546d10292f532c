// Proves that promises, loops and try blocks work as in any async function, and come to the same when they are replayed.
import { describe, expect, it } from 'vitest';
import { loadReplayed } from '../../../support/apps/replay/load-replayed.ts';
import { childClosed, jobCanceled, jobFailed, jobSucceeded, signalReceived, timerFired } from '../../../support/pure/drafts.ts';
import { makePlayers, typesOf } from '../../../support/pure/play.ts';

const play = makePlayers((await loadReplayed()).source);

describe('Promise.all', () => {
  it('gives the outputs in the order in which they were asked for, whatever came first', () => {
    const run = play();
    run.start('all', ['a', 'b', 'c']);
    run.when(jobSucceeded(4, 'C'));
    run.when(jobSucceeded(2, 'A'));
    expect(typesOf(run.when(jobSucceeded(3, 'B')))).toEqual(['RunCompleted']);
    expect(run.output).toEqual(['A', 'B', 'C']);
    expect(run.answeredLive).toBe(3);
  });

  it('throws at the first failure, while the others go on', () => {
    const run = play();
    run.start('all', ['a', 'b']);
    expect(typesOf(run.when(jobFailed(3, 'no')))).toEqual(['RunFailed']);
    expect(run.events('RunFailed')).toMatchObject([
      { cause: 4, failure: { code: 'JOB_FAILED', name: 'JobFailedError', message: 'The job "work" failed: no' } },
    ]);
  });
});

describe('Promise.race', () => {
  it('is won by what comes first, and its losers can be canceled', () => {
    const run = play();
    run.start('race');
    expect(typesOf(run.when(jobSucceeded(3, 'x')))).toEqual(['TimerCanceled', 'RunCompleted']);
    expect(run.output).toBe('worked');
    const other = play();
    other.start('race');
    expect(typesOf(other.when(timerFired(2)))).toEqual(['JobCanceled', 'RunCompleted']);
    expect(other.output).toBe('slept');
  });

  it('is won by the first of those that come in one commit', () => {
    const run = play();
    run.start('race');
    run.when(timerFired(2), jobSucceeded(3, 'x'));
    expect(run.output).toBe('slept');
  });

  it('of a loser that ended at the same moment: what it said is ignored', () => {
    const run = play();
    run.start('race');
    expect(typesOf(run.when(jobSucceeded(3, 'x'), timerFired(2)))).toEqual(['TimerCanceled', 'RunCompleted']);
  });
});

describe('Promise.any', () => {
  it('waits for the first success', () => {
    const run = play();
    run.start('any', ['a', 'b']);
    run.when(jobFailed(2));
    run.when(jobSucceeded(3, 'B'));
    expect(run.output).toBe('B');
  });

  it('gathers the failures when there is none', () => {
    const run = play();
    run.start('any', ['a', 'b']);
    run.when(jobFailed(3, 'second'), jobFailed(2, 'first'));
    expect(run.output).toEqual(['The job "work" failed: first', 'The job "work" failed: second']);
  });
});

describe('Promise.allSettled', () => {
  it('waits for all, however they end', () => {
    const run = play();
    run.start('all-settled', ['a', 'b', 'c']);
    run.when(jobFailed(2), jobCanceled(4));
    run.when(jobSucceeded(3));
    expect(run.output).toEqual(['rejected', 'fulfilled', 'rejected']);
  });

  it('a failure that is thrown after it fails the run in the name of the job that failed, which can be retried then', () => {
    const run = play();
    run.start('settle-then-throw', ['a', 'b']);
    run.when(jobFailed(2));
    run.when(jobSucceeded(3));
    expect(run.events('RunFailed')).toMatchObject([{ cause: 4, failure: { code: 'JOB_FAILED' } }]);
  });
});

describe('try, catch, finally and continue', () => {
  it('run as they stand', () => {
    const run = play();
    run.start('try-all');
    run.when(jobSucceeded(2, 'x'));
    run.when(jobFailed(5));
    run.when(jobSucceeded(8, 'z'));
    expect(run.output).toEqual(['did x', 'caught JobFailedError', 'did z']);
    expect(run.events('StatusSet').map(({ status }) => status)).toEqual([
      ['did x', 'finally'],
      ['did x', 'caught JobFailedError', 'finally'],
      ['did x', 'caught JobFailedError', 'did z', 'finally'],
    ]);
  });
});

describe('a loop', () => {
  it('asks for one job after another, as often as it likes', () => {
    const run = play();
    run.start('loop', 4);
    for (let rounds = 0; rounds < 10 && run.state.phase === 'open'; rounds++) run.when(jobSucceeded(run.state.lastNumber));
    expect(run.output).toEqual([4, 3, 2, 0, 1]);
  });
});

describe('code beside the main line', () => {
  it('goes on with each event that it waits for', () => {
    const run = play();
    run.start('aside');
    run.when(signalReceived('word', 'one'));
    run.when(jobSucceeded(2));
    run.when(signalReceived('word', 'two'));
    expect(run.output).toEqual(['one', 'worked', 'two']);
  });

  it('may fail without failing the run when nobody awaits it', () => {
    const run = play();
    run.start('carefree');
    run.when(jobFailed(2));
    run.when(signalReceived('word', 'still here'));
    expect(run.output).toBe('still here');
  });
});

describe('what was given up', () => {
  it('ends once, with the command of its kind, and throws JobCanceledError where it is awaited', () => {
    const run = play();
    run.start('give-up');
    expect(run.output).toEqual(Array.from({ length: 5 }, () => 'JobCanceledError'));
    expect(run.history.map(({ type }) => type)).toEqual([
      'RunStarted',
      'JobScheduled',
      'TimerStarted',
      'TimerStarted',
      'ChildStarted',
      'JobCanceled',
      'TimerCanceled',
      'TimerCanceled',
      'ChildClosed',
      'RunCompleted',
    ]);
  });
});

describe('a child that is awaited', () => {
  it('can be replayed like a job', () => {
    const run = play();
    run.start('family-saga');
    run.when(childClosed(2, 'completed', ['word']));
    run.when(jobFailed(4));
    run.when(jobSucceeded(6));
    expect(run.history.map(({ type }) => type)).toEqual([
      'RunStarted',
      'ChildStarted',
      'ChildClosed',
      'JobScheduled',
      'JobFailed',
      'JobScheduled',
      'JobSucceeded',
      'RunFailed',
    ]);
    expect(run.events('JobScheduled').map(({ job }) => job)).toEqual(['work-once', 'undo-work']);
  });
});
