// Proves what holds for the code itself: determinism, guarded changes, sizes, values, and how a run ends.
import { describe, expect, it } from 'vitest';
import { loadReplayed } from '../../../support/apps/replay/load-replayed.ts';
import { cancelRequested, jobScheduled, jobSucceeded, payload, runStarted, signalReceived } from '../../../support/pure/drafts.ts';
import { makePlayers, typesOf } from '../../../support/pure/play.ts';

const play = makePlayers((await loadReplayed()).source);

describe('time and randomness', () => {
  it('are those of the event and of the run, through the flow and through what the language offers', () => {
    const run = play();
    const startedAt = run.now;
    run.start('chance');
    run.pass('90s').when(signalReceived('word', 'x'));
    const [before, after] = run.output as Record<string, unknown>[];
    expect(before).toMatchObject({ now: startedAt, date: startedAt, iso: new Date(startedAt).toISOString() });
    expect(after).toMatchObject({ now: startedAt + 90_000, date: startedAt + 90_000 });
    expect(new Set([before?.['uuid'], before?.['crypto'], after?.['uuid'], after?.['crypto']]).size).toBe(4);
    expect(before?.['uuid']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const key of ['random', 'math']) expect(before?.[key]).toSatisfy((drawn: number) => drawn >= 0 && drawn < 1);
  });

  it('differ from run to run, and from beginning to beginning', () => {
    const drawn = (name: string): unknown => {
      const run = play(name);
      run.start('draws', '');
      run.when();
      return run.output;
    };
    const [one, two] = [drawn('one') as string[], drawn('two') as string[]];
    expect(new Set([...one, ...two]).size).toBe(4);
    expect(drawn('one')).toEqual(one);
  });
});

describe('a guarded change', () => {
  it('is taken by a run that comes to it after the change, and marked once', () => {
    const run = play();
    run.start('changed');
    expect(typesOf(run.when(signalReceived('word', 'one')))).toEqual(['ChangeMarked', 'JobScheduled']);
    expect(run.events('JobScheduled')).toMatchObject([{ job: 'undo-work' }]);
    run.when(jobSucceeded(4));
    run.when(signalReceived('word', 'end'));
    expect(run.output).toBe('end, changed');
  });

  it('is not taken by a run that was past it', () => {
    const before = play();
    before.start('unchanged');
    before.when(signalReceived('word', 'one'));
    const run = play().takeOver(before, 'changed');
    expect(typesOf(run.when(jobSucceeded(3)))).toEqual([]);
    run.when(signalReceived('word', 'end'));
    expect(run.output).toBe('end');
  });

  it('is taken by a run that had not come to it', () => {
    const before = play();
    before.start('unchanged');
    const run = play().takeOver(before, 'changed');
    expect(typesOf(run.when(signalReceived('word', 'one')))).toEqual(['ChangeMarked', 'JobScheduled']);
  });
});

describe('more than one decision takes', () => {
  it('is asked for a thousand commands at a time, in order, and the code never notices', () => {
    const run = play();
    run.start('many', 2500);
    run.goOn();
    const asked = run.events('JobScheduled');
    expect(run.commits.map(({ events, more }) => [events.length, more])).toEqual([
      [1001, true],
      [1000, true],
      [501, false],
    ]);
    expect(asked.map(({ command }) => command)).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
    expect(run.events('StatusSet')).toMatchObject([{ command: 2501, cause: 1 }]);
    run.when(...asked.map(({ number }) => jobSucceeded(number)));
    expect(run.output).toBe(2500);
  });

  it('comes to the same when the code is replayed in between', () => {
    const run = play();
    run.start('many', 1500);
    run.forgetLive().goOn();
    expect(run.events('JobScheduled')).toHaveLength(1500);
    expect(typesOf(run.when(jobSucceeded(2)))).toEqual([]);
  });

  it('may end with a new beginning, which comes last', () => {
    const run = play();
    run.start('many-then-anew', 1200);
    run.when(signalReceived('word', 'kept'));
    run.goOn();
    expect(run.events('RunContinued')).toMatchObject([{ command: 1201, signals: [{ signal: 'word', value: { json: 'kept' } }] }]);
    run.when();
    expect(run.output).toBe('kept');
  });

  it('is also two million letters', () => {
    const run = play();
    run.start('large', { count: 30, letters: 100_000 });
    const [first] = run.commits;
    expect(first?.more).toBe(true);
    expect(first?.events.length).toBeLessThan(25);
    run.goOn();
    expect(run.events('JobScheduled')).toHaveLength(30);
  });
});

describe('values', () => {
  it.each(['circle', 'bigint', 'function'])('that JSON cannot carry (%s) throw where they are handed on', (what) => {
    const run = play();
    run.start('unwritable', what);
    expect(run.events('RunFailed')).toMatchObject([
      { failure: { code: 'OUTPUT_NOT_JSON', message: expect.stringContaining('The input of the job "work"') as string } },
    ]);
  });

  it('are written when they are handed on: what changes later is not seen', () => {
    const run = play();
    run.start('fickle');
    expect(run.events('JobScheduled')[0]?.input).toEqual({ json: { amount: 1 } });
  });
});

describe('the end of a run', () => {
  it.each([
    ['error', { code: 'TypeError', name: 'TypeError', message: 'wrong' }],
    ['text', { code: 'RUN_FAILED', name: 'Error', message: 'just a text' }],
    ['nothing', { code: 'RUN_FAILED', name: 'Error', message: 'undefined' }],
    ['coded', { code: 'HOTEL_FULL', name: 'Error', message: 'full' }],
  ])('tells what was thrown: %s', (what, failure) => {
    const run = play();
    run.start('thrower', what);
    expect(run.events('RunFailed')[0]?.failure).toEqual(failure);
  });

  it('is RunRefused for an input that does not fit its schema, and RunFailed for such an output', () => {
    const refused = play();
    refused.start('strict', -1);
    expect(refused.events('RunRefused')).toMatchObject([
      { failure: { code: 'INPUT_INVALID', message: expect.stringContaining('amount: must be above 0') as string } },
    ]);
    const failed = play();
    failed.start('strict', 1);
    expect(failed.events('RunFailed')).toMatchObject([{ failure: { code: 'OUTPUT_INVALID' } }]);
    const completed = play();
    completed.start('strict', 3);
    expect(completed.output).toBe(2);
  });

  it('is a failure that names the call when the code does what is not deterministic', () => {
    const run = play();
    run.start('forbidden');
    expect(run.events('RunFailed')).toMatchObject([
      { failure: { code: 'FORBIDDEN_IN_WORKFLOW', message: expect.stringContaining('flow.sleep()') as string } },
    ]);
  });
});

describe('what a run says of itself', () => {
  it('is recorded as it is said', () => {
    const run = play();
    run.start('says');
    expect(run.events('StatusSet').map(({ status }) => status)).toEqual([{ step: 1 }, 'done']);
    expect([run.state.header?.tags, run.output]).toEqual([{ a: '1', b: '2' }, 'run']);
  });
});

describe('a disagreement of code and history', () => {
  const head = (workflow: string) => runStarted({ workflow });

  it.each([
    [
      'another job',
      [head('fickle'), jobScheduled({ job: 'undo-work' })],
      /JobScheduled "undo-work" in the history \(event 2\), but the code asked for JobScheduled "work"/,
    ],
    [
      'a sleep in place of a job',
      [head('fickle'), { type: 'TimerStarted' as const, command: 1, cause: 1, name: 'sleep', dueAt: 0 }],
      /TimerStarted "sleep" in the history .* JobScheduled "work"/,
    ],
    [
      'a job that is not asked for any more',
      [head('chance'), jobScheduled()],
      /JobScheduled "work" in the history .* asked for nothing more/,
    ],
    ['an answer to nothing', [head('chance'), jobSucceeded(7)], /Event 2 answers event 7/],
  ])('(%s) shows both sides', (_what, drafts, both) => {
    const run = play();
    run.record(...drafts);
    const played = run.when(signalReceived('other'));
    expect(played).toMatchObject({
      kind: 'blocked',
      failure: { code: 'NON_DETERMINISTIC', message: expect.stringMatching(both) as string },
    });
  });

  it('leaves the history alone: code that replays goes on from there', () => {
    const run = play();
    run.record(head('all'), jobScheduled({ input: payload('a') }));
    expect(typesOf(run.when(jobSucceeded(2)))).not.toEqual([]);
  });
});

describe('a cancel', () => {
  it('is met at the next await that would wait, once', () => {
    const run = play();
    run.start('all', ['a', 'b']);
    run.when(cancelRequested());
    run.when(jobSucceeded(2, 'A'));
    expect(run.state.phase).toBe('open');
    run.when(jobSucceeded(3, 'B'));
    expect(run.output).toEqual(['A', 'B']);
  });
});
