// Proves rule 10: live runs are found by commit id, kept for long histories only, and never continued where their append was lost.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecisionInput } from '../../src/protocol/functions.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const WORD = 'x'.repeat(20_000);
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const inputs = (): readonly DecisionInput[] =>
  stage
    .stepsOf('invoke')
    .flatMap(({ name, payload }) =>
      name.includes('decision') ? (JSON.parse(payload) as { runs: string[] }).runs.map((text) => JSON.parse(text) as DecisionInput) : [],
    );

const answers = (): readonly string[] =>
  stage.stepsOf('invoke').flatMap(({ name, result }) => (name.includes('decision') && result.kind === 'answered' ? [result.payload] : []));

describe('Rule 10: live runs', () => {
  it('a history up to 32 KB is sent whole at each decision', async () => {
    await stage.connect('owner');
    await stage.start('run', 'talk', 4);
    for (const word of ['a', 'b', 'c']) await stage.signal('run', 'word', word);
    expect(inputs().map(({ base, events }) => [base, events.length])).toEqual([1, 2, 3, 4].map((count) => [undefined, count]));
  });

  it('of a longer one only the events since the last commit are sent, and that commit is named by its id', async () => {
    await stage.connect('owner');
    await stage.start('run', 'talk', 5);
    for (let word = 0; word < 4; word++) await stage.signal('run', 'word', WORD);
    const commits = await stage.commits('run');
    expect(inputs().map(({ base, events }) => [base, events.length])).toEqual([
      [undefined, 1],
      [undefined, 2],
      [undefined, 3],
      [commits[2]?.id, 1],
      [commits[3]?.id, 1],
    ]);
    expect(answers().filter((answer) => answer.includes('needHistory'))).toEqual([]);
  });

  it('a function that has no such run asks for the history, and the decision is the same', async () => {
    await stage.connect('owner');
    await stage.start('run', 'talk', 4);
    for (let word = 0; word < 3; word++) await stage.signal('run', 'word', WORD);
    await stage.deploy(desk, { deployment: 'one', order: 1 });
    await stage.signal('run', 'word', WORD);
    expect(answers().filter((answer) => answer.includes('needHistory'))).toHaveLength(1);
    expect(inputs().at(-1)).toMatchObject({ events: expect.objectContaining({ length: 5 }) });
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 4 * WORD.length });
  });

  it('a branch that lost its append is never continued', async () => {
    let lose = false;
    const owner = await stage.connect('owner');
    owner.hooks.append = async (_commit, proceed) => {
      if (!lose) return proceed();
      lose = false;
      await stage.commitBehind(
        'run',
        [{ type: 'SignalReceived', signal: 'word', value: { json: 'behind' }, requestId: 'behind' }],
        ['request/behind'],
      );
      return proceed();
    };
    await stage.start('run', 'talk', 6);
    for (let word = 0; word < 3; word++) await stage.signal('run', 'word', WORD);
    lose = true;
    await stage.signal('run', 'word', 'lost');
    await stage.signal('run', 'word', 'last');
    const lost = stage.stepsOf('append').find(({ outcome }) => outcome === 'conflict')?.commit.id;
    expect(lost).toBeDefined();
    expect(inputs().filter(({ base }) => base === lost)).toEqual([]);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({
      json: 3 * WORD.length + 'behind'.length + 'lost'.length + 'last'.length,
    });
  });

  it('a decision by a live run is the one that a replay of the whole history comes to', async () => {
    await stage.connect('live');
    for (const run of ['live', 'replayed']) await stage.start(run, 'talk', 5);
    for (let word = 0; word < 5; word++) {
      await stage.signal('live', 'word', `${word}${WORD}`);
      await stage.deploy(desk, { deployment: 'one', order: 1 });
      await stage.signal('replayed', 'word', `${word}${WORD}`);
      await stage.deploy(desk, { deployment: 'one', order: 1 });
    }
    const outcome = async (run: string) => (await stage.history(run)).map(({ type, number }) => [type, number]);
    expect(await outcome('live')).toEqual(await outcome('replayed'));
  });
});
