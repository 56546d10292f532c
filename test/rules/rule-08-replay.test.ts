// Proves rule 8: events reach the code one at a time, commands are matched by number, kind and name, and the realm does the stepping.
import { describe, expect, it } from 'vitest';
import { makeVmRealm } from '../../src/adapters/vm-realm/vm-realm.ts';
import { createDecider } from '../../src/engine/decider.ts';
import type { Realm } from '../../src/ports/realm.ts';
import { loadDesk, loadNextDesk } from '../support/apps/desk/load-desk.ts';
import { jobSucceeded, payload, runStarted, signalReceived, timerFired } from '../support/pure/drafts.ts';
import { makePlayers, typesOf } from '../support/pure/play.ts';

const desk = await loadDesk();
const play = makePlayers(desk.source);
const playNext = makePlayers((await loadNextDesk()).source);

describe('Rule 8: replay', () => {
  it('events are delivered in history order, and the code sees each before the next comes', () => {
    const run = play();
    run.start('order-of-two');
    run.when(jobSucceeded(3, 'second'), jobSucceeded(2, 'first'));
    expect(run.output).toEqual(['second', 'first']);
    expect(run.events('StatusSet').map(({ status, cause }) => [status, cause])).toEqual([
      ['second', 4],
      ['first', 5],
    ]);
  });

  it('now() is the time of the event that is being delivered, whenever that is decided', () => {
    const run = play();
    run.start('sleep-then-work', 1000);
    run.pass('1h').record(timerFired(2));
    const firedAt = run.now;
    run.pass('5h').when();
    expect(run.events('JobScheduled')[0]?.input).toEqual({ json: firedAt });
  });

  it('commands are numbered as the code emits them, from 1', () => {
    const run = play();
    run.start('two-jobs');
    run.when(jobSucceeded(2, { did: 'first' }));
    expect(run.events('JobScheduled').map(({ command, cause, number }) => [command, cause, number])).toEqual([
      [1, 1, 2],
      [2, 3, 4],
    ]);
  });

  it('a command of another kind or name than in the history is a disagreement, with both sides shown', () => {
    const run = playNext();
    run.record(runStarted({ workflow: 'two-jobs' }), {
      type: 'JobScheduled',
      command: 1,
      cause: 1,
      app: 'desk',
      job: 'work',
      input: payload('first'),
      timeoutMs: 1,
    });
    const played = run.when(jobSucceeded(2, { did: 'first' }));
    expect(played).toMatchObject({ kind: 'blocked', failure: { code: 'NON_DETERMINISTIC' } });
    expect(played.kind === 'blocked' && played.failure.message).toMatch(
      /JobScheduled "work" in the history \(event 2\).*JobScheduled "undo-work"/,
    );
  });

  it('the same command with another input is no disagreement: number, kind and name are what counts', () => {
    const run = play();
    run.record(runStarted({ workflow: 'two-jobs' }), {
      type: 'JobScheduled',
      command: 1,
      cause: 1,
      app: 'desk',
      job: 'work',
      input: payload('other'),
      timeoutMs: 1,
    });
    expect(typesOf(run.when(jobSucceeded(2, { did: 'first' })))).toEqual(['JobScheduled']);
  });

  it('a command of the history that the code does not ask for is a disagreement', () => {
    const run = play();
    run.record(runStarted({ workflow: 'listen', input: payload(1) }), {
      type: 'JobScheduled',
      command: 1,
      cause: 1,
      app: 'desk',
      job: 'work',
      input: {},
      timeoutMs: 1,
    });
    expect(typesOf(run.when(signalReceived('word', 'one')))).toEqual(['NON_DETERMINISTIC']);
  });

  it('an event about something that the code never asked for is a disagreement', () => {
    const run = play();
    run.start('listen', 1);
    expect(typesOf(run.when(jobSucceeded(2)))).toEqual(['NON_DETERMINISTIC']);
  });

  it('the decider drives a realm that it is given: one step per event, under one limit', () => {
    const steps: string[] = [];
    const makeRealm = (): Realm => {
      const realm = makeVmRealm();
      return {
        evaluate: (source, host) => realm.evaluate(source, host),
        step: (fn) => {
          steps.push('step');
          realm.step(fn);
        },
        limit: (fn, limitMs) => {
          steps.push(`limit ${limitMs}`);
          return realm.limit(fn, limitMs);
        },
      };
    };
    const decider = createDecider({ source: desk.source, makeRealm });
    const events = [runStarted({ workflow: 'listen', input: payload(3) }), signalReceived('word', 'one'), signalReceived('word', 'two')];
    const input = {
      run: 'run',
      app: 'desk',
      workflow: 'listen',
      commitId: 'id',
      nextNumber: 4,
      decidedUpTo: 0,
      events: events.map((event, index) => ({ ...event, number: index + 1, at: 0 })),
    };
    decider.decide({ v: 1, now: 0, links: {}, runs: [JSON.stringify(input)] });
    expect(steps).toEqual(['limit 5000', 'limit 5000', 'step', 'step', 'step']);
  });
});
