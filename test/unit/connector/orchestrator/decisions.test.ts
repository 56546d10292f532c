// Proves that whatever goes wrong around a decision blocks its runs for a while, and neither loses them nor ends the process.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadDesk } from '../../../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../../../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

it('a report that cannot be read blocks the run, which is tried again and ends', async () => {
  const owner = await stage.connect('owner');
  let unreadable = 1;
  owner.hooks.invoke = async (name, _payload, proceed) => {
    const result = await proceed();
    if (!name.includes('decision') || unreadable-- <= 0) return result;
    const unread = (): never => {
      throw new Error('no such figure');
    };
    return { ...result, report: Object.defineProperty({ ...result.report }, 'billedMs', { get: unread }) };
  };
  await stage.start('run', 'one-job', 1);
  expect(await stage.events('run', 'RunBlocked')).toMatchObject([{ failure: { code: 'DECISION_CRASHED', message: 'no such figure' } }]);
  await stage.pass('2m');
  expect(await stage.types('run')).toContain('RunCompleted');
});

it('decisions go one invocation at a time, so that batches fill; another goes beside one that takes long', async () => {
  const owner = await stage.connect('owner');
  const held: { readonly runs: readonly string[]; readonly release: () => void }[] = [];
  owner.hooks.invoke = async (name, payload, proceed) => {
    if (!name.includes('decision')) return proceed();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const runs = (JSON.parse(payload) as { runs: string[] }).runs.map((text) => (JSON.parse(text) as { run: string }).run);
    held.push({ runs, release: () => resolve(undefined) });
    await promise;
    return proceed();
  };
  for (const run of ['one', 'two', 'three']) await stage.start(run, 'one-job', 1);
  expect(held.map(({ runs }) => runs)).toEqual([['one']]);
  await stage.pass('300ms');
  expect(held.map(({ runs }) => runs)).toEqual([['one'], ['two', 'three']]);
  delete owner.hooks.invoke;
  for (const { release } of held) release();
  await stage.pass('1m');
  for (const run of ['one', 'two', 'three']) expect(await stage.types(run)).toContain('RunCompleted');
});
