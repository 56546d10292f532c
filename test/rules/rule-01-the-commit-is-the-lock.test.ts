// Proves rule 1: one commit per version, and who loses one starts over.
import { afterEach, describe, expect, it } from 'vitest';
import type { DecisionInput } from '../../src/protocol/functions.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';
import type { Hooks } from '../support/stage/watched-ports.ts';

const desk = await loadDesk();
let stage: Stage;

afterEach(() => stage.close());

/** Holds a call back until it is let go. */
const makeGate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
};

const versionsOf = async (run: string): Promise<readonly number[]> => (await stage.commits(run)).map(({ version }) => version);

describe('Rule 1: the commit is the lock', () => {
  it('of two owners that decide the same version one commits, and the other has published nothing of it', async () => {
    stage = await openStage({ app: desk });
    const gate = makeGate();
    const zombie = await stage.connect('zombie', { append: (_commit, proceed) => gate.passed.then(proceed) });
    await stage.start('run', 'one-job', 1);
    await stage.connect('heir');
    await zombie.lose('inbox');
    await stage.settle();
    gate.open();
    await stage.settle();

    expect(stage.stepsOf('append', 'zombie')).toMatchObject([{ commit: { version: 1 }, outcome: 'conflict' }]);
    expect(stage.stepsOf('publish', 'zombie').flatMap(({ messages }) => messages.filter(({ topic }) => topic.startsWith('jobs.')))).toEqual(
      [],
    );
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
    expect(await versionsOf('run')).toEqual([1, 2]);
  });

  it('the loser drops its copy, loads the run again and accepts its messages after what the winner committed', async () => {
    stage = await openStage({ app: desk });
    let rival = false;
    const hooks: Hooks = {
      append: async (commit, proceed) => {
        if (rival && commit.version === 2) {
          rival = false;
          await stage.commitBehind(
            'run',
            [{ type: 'SignalReceived', signal: 'word', value: { json: 'rival' }, requestId: 'rival' }],
            ['request/rival'],
          );
        }
        return proceed();
      },
    };
    await stage.connect('owner', hooks);
    await stage.start('run', 'listen', 2);
    rival = true;
    await stage.signal('run', 'word', 'own');

    expect(stage.stepsOf('append').map(({ commit, outcome }) => [commit.version, outcome])).toEqual([
      [1, 'appended'],
      [2, 'conflict'],
      [3, 'appended'],
    ]);
    const [completed] = await stage.events('run', 'RunCompleted');
    expect(completed?.output).toEqual({ json: ['rival', 'own'] });
    expect((await stage.history('run')).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it('the commit id is made before the decision is invoked', async () => {
    stage = await openStage({ app: desk });
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    const decisions = stage.stepsOf('invoke').filter(({ name }) => name.includes('decision'));
    const asked = decisions.flatMap(({ payload }) =>
      (JSON.parse(payload) as { runs: string[] }).runs.map((text) => (JSON.parse(text) as DecisionInput).commitId),
    );
    expect(asked).toEqual((await stage.commits('run')).map(({ id }) => id));
    expect(new Set(asked).size).toBe(2);
  });

  it('an append whose answer was lost is found to be its own: nothing is appended twice, all is published', async () => {
    stage = await openStage({ app: desk });
    let answers = 0;
    const hooks: Hooks = {
      append: async (_commit, proceed) => {
        const outcome = await proceed();
        if (++answers === 1) throw new Error('the answer was lost');
        return outcome;
      },
    };
    await stage.connect('owner', hooks);
    await stage.start('run', 'one-job', 1);
    await stage.pass('10s');

    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
    expect(await versionsOf('run')).toEqual([1, 2]);
    expect(stage.published('jobs.desk.work')).toMatchObject([{ id: '0/run/attempt/2/1/1', again: true }]);
    expect(stage.attempts).toHaveLength(1);
  });
});
