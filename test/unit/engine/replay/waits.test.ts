// Proves how workflow code waits for signals, times and children, and how it undoes what it did.
import { describe, expect, it } from 'vitest';
import { loadReplayed } from '../../../support/apps/replay/load-replayed.ts';
import { cancelRequested, childClosed, jobFailed, jobSucceeded, signalReceived, timerFired } from '../../../support/pure/drafts.ts';
import { makePlayers, typesOf, type Play } from '../../../support/pure/play.ts';

const play = makePlayers((await loadReplayed()).source);
const undone = (run: Play) =>
  run.events('JobScheduled').flatMap(({ job, input }) => (job === 'undo-work' && 'json' in input ? [input.json] : []));

describe('a signal', () => {
  it('is received in the order in which it came', () => {
    const run = play();
    run.start('receive-all', 3);
    run.when(signalReceived('word', 1));
    run.when(signalReceived('word', 2), signalReceived('other', 'x'), signalReceived('word', 3));
    expect(run.output).toEqual([1, 2, 3]);
  });

  it('that came early waits until it is asked for', () => {
    const run = play();
    run.start('receive-late');
    run.when(signalReceived('word', 'early'));
    run.when(jobSucceeded(2));
    run.when(signalReceived('word', 'in time'));
    expect(run.output).toEqual(['early', 'in time']);
  });

  it('that came before the run started waits as well', () => {
    const run = play();
    run.record({ type: 'RunExpected', until: 0 }, signalReceived('word', 'very early'));
    run.start('receive-all', 1);
    expect(run.output).toEqual(['very early']);
  });

  it('goes to who asked first', () => {
    const run = play();
    run.start('two-ears');
    run.when(signalReceived('word', 'first'), signalReceived('word', 'second'));
    expect(run.output).toEqual({ left: 'first', right: 'second' });
  });

  it('that comes in time ends the timeout; nobody is undefined', () => {
    const run = play();
    run.start('receive-in-time');
    expect(run.events('TimerStarted')).toMatchObject([{ name: 'receive word', dueAt: run.now + 10_000 }]);
    expect(typesOf(run.when(signalReceived('word', 'in time')))).toEqual(['TimerCanceled', 'TimerStarted']);
    run.when(timerFired(5));
    expect(run.output).toEqual(['in time', 'nobody']);
  });

  it('after the timeout is kept for who asks next', () => {
    const run = play();
    run.start('receive-in-time');
    run.when(timerFired(2), signalReceived('word', 'too late for the first'));
    expect(run.output).toEqual(['nobody', 'too late for the first']);
  });

  it('that does not fit its schema throws at that receive, and the next one goes on', () => {
    const run = play();
    run.start('receive-checked');
    run.when(signalReceived('checked', 'much too long'));
    run.when(signalReceived('checked', 'ok'));
    expect(run.output).toEqual(['SIGNAL_INVALID', 'OK']);
  });
});

describe('a time to wait for', () => {
  it('is the next occurrence of a rule after the event that is being delivered, or the instant that was named', () => {
    const run = play();
    run.start('appointments');
    const dueTimes = [Date.UTC(2026, 0, 5, 8), Date.UTC(2026, 0, 5, 12, 30), Date.UTC(2030, 0, 1), 0];
    for (const [index, dueAt] of dueTimes.entries()) {
      expect(run.events('TimerStarted')[index]?.dueAt).toBe(dueAt);
      run.pass(Math.max(0, dueAt - run.now)).when(timerFired(run.state.lastNumber));
    }
    expect(run.output).toBe(Date.UTC(2030, 0, 1));
  });
});

describe('compensation', () => {
  const failSteps = (): Play => {
    const run = play();
    run.start('steps', 'last');
    run.when(jobSucceeded(2, 'ONE'));
    run.when(jobSucceeded(4, 'TWO'));
    run.when(jobFailed(6, 'full'));
    return run;
  };

  it('undoes in reverse order, one after another, with what each had come to', () => {
    const run = failSteps();
    expect(undone(run)).toEqual(['undo all']);
    run.when(jobSucceeded(8));
    expect(undone(run)).toEqual(['undo all', ['undo', 'TWO']]);
    run.when(jobSucceeded(10));
    expect(typesOf(run.when(jobSucceeded(12)))).toEqual(['RunFailed']);
    expect(undone(run)).toEqual(['undo all', ['undo', 'TWO'], ['undo', 'ONE']]);
    expect(run.events('RunFailed')).toMatchObject([
      { cause: 7, failure: { code: 'JOB_FAILED', message: 'The job "work-once" failed: full' } },
    ]);
  });

  it('that fails keeps none of the others from running, and is told in the end', () => {
    const run = failSteps();
    run.when(jobFailed(8, 'cannot undo'));
    run.when(jobFailed(10, 'nor this'));
    run.when(jobSucceeded(12));
    expect(undone(run)).toHaveLength(3);
    expect(run.events('RunFailed')[0]?.failure.message).toBe(
      'The job "work-once" failed: full (and undoing failed: The job "undo-work" failed: cannot undo; The job "undo-work" failed: nor this)',
    );
  });

  it('does not run when nothing fails', () => {
    const run = play();
    run.start('steps', 'never');
    run.when(jobSucceeded(2, 'ONE'));
    run.when(jobSucceeded(4, 'TWO'));
    expect([run.output, undone(run)]).toEqual(['done', []]);
  });

  it('undoes only what was done by then', () => {
    const run = play();
    run.start('steps', 'last');
    run.when(jobSucceeded(2, 'ONE'));
    run.when(jobFailed(4));
    expect(undone(run)).toEqual([['undo', 'ONE']]);
  });

  it('waits for what is under way, so that it is undone should it succeed', () => {
    const run = play();
    run.start('steps-at-once');
    expect(typesOf(run.when(jobFailed(2, 'full')))).toEqual([]);
    run.when(jobSucceeded(3, 'SLOW'));
    expect(undone(run)).toEqual([['undo', 'SLOW']]);
    expect(typesOf(run.when(jobSucceeded(6)))).toEqual(['RunFailed']);
    expect(run.events('RunFailed')[0]?.cause).toBe(4);
  });

  it('has nothing to wait for when what was under way fails too', () => {
    const run = play();
    run.start('steps-at-once');
    run.when(jobFailed(2, 'full'));
    expect(typesOf(run.when(jobFailed(3, 'as well')))).toEqual(['RunFailed']);
    expect(undone(run)).toEqual([]);
  });

  it('runs when the run is canceled, which ends it as canceled', () => {
    const run = play();
    run.start('steps', 'last');
    run.when(jobSucceeded(2, 'ONE'));
    run.when(cancelRequested('not wanted'));
    run.when(jobSucceeded(4, 'TWO'));
    for (let undos = 0; undos < 3; undos++) run.when(jobSucceeded(run.state.lastNumber));
    expect(undone(run)).toEqual(['undo all', ['undo', 'TWO'], ['undo', 'ONE']]);
    expect(run.events('RunCanceled')).toMatchObject([{ reason: 'not wanted' }]);
  });

  it('that fails while the run is canceled ends it as failed', () => {
    const run = play();
    run.start('steps', 'last');
    run.when(jobSucceeded(2, 'ONE'));
    run.when(cancelRequested());
    run.when(jobFailed(4));
    run.when(jobFailed(run.state.lastNumber, 'cannot undo'));
    expect(run.state.phase).toBe('failed');
  });
});

describe('children', () => {
  const family = (): Play => {
    const run = play();
    run.start('family');
    return run;
  };

  it('are attached when they are awaited, detached when they are started', () => {
    expect(
      family()
        .events('ChildStarted')
        .map(({ run, attached, tags }) => [run, attached, tags]),
    ).toEqual([
      ['attached', true, { kind: 'attached' }],
      ['run:1.2', false, {}],
      ['run:1.3', false, {}],
    ]);
  });

  it('answer where they are awaited, a handle as often as it is asked', () => {
    const run = family();
    run.when(childClosed(2, 'completed', ['attached']), childClosed(3, 'completed', ['detached']));
    expect(run.output).toEqual([['attached'], ['detached'], ['detached'], 'ChildFailedError', 'run:1.2']);
  });

  it('of a handle may have ended before they are asked for', () => {
    const run = family();
    run.when(childClosed(3, 'completed', ['early']));
    run.when(childClosed(2, 'completed', ['late']));
    expect(run.output).toMatchObject([['late'], ['early'], ['early'], 'ChildFailedError', 'run:1.2']);
  });

  it.each(['failed', 'canceled', 'terminated', 'refused'] as const)('that ended as %s throw where they are awaited', (outcome) => {
    const run = family();
    run.when(childClosed(2, outcome), childClosed(3, outcome));
    expect(run.output).toEqual([[outcome, 'Error'], 'ChildFailedError', 'ChildFailedError', 'run:1.2']);
  });

  it('that are given up by their handle are closed in the history', () => {
    const run = family();
    expect(run.events('ChildClosed')).toMatchObject([{ child: 4, outcome: 'canceled', command: 4 }]);
  });
});
