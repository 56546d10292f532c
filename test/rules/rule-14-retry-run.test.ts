// Proves rule 14: what a retry of a failed run withdraws, what it begins anew, and what it refuses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk, loadNextDesk } from '../support/apps/desk/load-desk.ts';
import { fail, openStage, succeed, type Stage } from '../support/stage/stage.ts';

const [desk, nextDesk] = await Promise.all([loadDesk(), loadNextDesk()]);
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
  await stage.connect('owner');
});
afterEach(() => stage.close());

const retry = (run = 'run', requestId = 'retry') => stage.send({ type: 'RetryRun', run, requestId });
const refusals = async (run = 'run') => (await stage.events(run, 'RequestRefused')).map(({ code }) => code);

describe('Rule 14: RetryRun', () => {
  it('withdraws RunFailed and the failure that made the code throw; the job begins a new generation and is all that is derived', async () => {
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'job-of', 'work-once');
    stage.jobs['work-once'] = () => succeed('mended');
    const before = stage.attempts.length;
    await retry();
    expect((await stage.events('run', 'RunRetried'))[0]?.withdrawn).toEqual([3, 4]);
    expect(await stage.events('run', 'JobRetried')).toMatchObject([{ job: 2, generation: 2 }]);
    expect(stage.attempts.slice(before).map(({ attempt }) => [attempt.job, attempt.generation])).toEqual([[2, 2]]);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 'mended' });
  });

  it('the history keeps what was withdrawn', async () => {
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'job-of', 'work-once');
    const before = await stage.history('run');
    await retry();
    expect((await stage.history('run')).slice(0, before.length)).toEqual(before);
  });

  it('withdraws the jobs that failed after it, too, and keeps what came otherwise', async () => {
    stage.jobs['work-once'] = () => fail();
    const right = Promise.withResolvers<unknown>();
    stage.jobs['work'] = () => right.promise;
    await stage.start('run', 'two-at-once');
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobScheduled', 'JobFailed', 'RunFailed']);
    right.resolve(succeed({ did: 'right' }));
    await stage.settle();
    stage.jobs['work-once'] = () => succeed({ did: 'left' });
    const before = stage.attempts.length;
    await retry();
    expect(stage.attempts.slice(before).map(({ attempt }) => attempt.name)).toEqual(['work-once']);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: ['left', 'right'] });
  });

  it('a second failure recorded while the run is failed begins anew with the first', async () => {
    stage.jobs['work-once'] = () => fail();
    const right = Promise.withResolvers<unknown>();
    stage.jobs['work'] = () => right.promise;
    await stage.start('run', 'two-at-once');
    right.resolve(fail('right too', false));
    await stage.settle();
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobScheduled', 'JobFailed', 'RunFailed', 'JobFailed']);
    stage.jobs['work-once'] = () => succeed({ did: 'left' });
    stage.jobs['work'] = () => succeed({ did: 'right' });
    await retry();
    expect((await stage.events('run', 'JobRetried')).map(({ job, generation }) => [job, generation])).toEqual([
      [2, 2],
      [3, 2],
    ]);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: ['left', 'right'] });
  });

  it('is refused with REACTED when a withdrawn command may have begun', async () => {
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'reacting');
    expect((await stage.state('run')).phase).toBe('failed');
    await retry();
    expect(await refusals()).toEqual(['REACTED']);
    expect((await stage.state('run')).phase).toBe('failed');
  });

  it('if the error came from no job or child, only RunFailed goes, and the newest deployment decides', async () => {
    await stage.start('run', 'failing');
    await stage.deploy(nextDesk, { deployment: 'two', order: 2 });
    const before = stage.attempts.length;
    await retry();
    const [, , failed] = await stage.commits('run');
    expect((await stage.events('run', 'RunRetried'))[0]?.withdrawn).toEqual([4]);
    expect(failed?.events.map(({ type }) => type)).toEqual(['RunRetried', 'DeploymentChanged', 'RunCompleted']);
    expect(stage.attempts).toHaveLength(before);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 'mended' });
  });

  it('a run that has not failed cannot be retried', async () => {
    await stage.start('run', 'listen', 1);
    await retry();
    expect(await refusals()).toEqual(['RUN_NOT_FAILED']);
  });

  it('a run may be retried again and again, a generation each time', async () => {
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'job-of', 'work-once');
    for (const requestId of ['one', 'two', 'three']) await retry('run', requestId);
    expect((await stage.events('run', 'JobRetried')).map(({ generation }) => generation)).toEqual([2, 3, 4]);
    expect(stage.attempts.map(({ attempt }) => attempt.generation)).toEqual([1, 2, 3, 4]);
  });
});

describe('Rule 14: children', () => {
  const childRun = async (): Promise<string> => (await stage.events('run', 'ChildStarted'))[0]?.run ?? '';

  it('a child is retried through its parent: by itself it is refused with RETRY_PARENT', async () => {
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'parent', 'job-of');
    await retry(await childRun(), 'retry the child');
    expect(await refusals(await childRun())).toEqual(['RETRY_PARENT']);
  });

  it('retrying the parent retries the child that failed, which answers in the new generation', async () => {
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'parent', 'job-of');
    stage.jobs['work-once'] = () => succeed('mended');
    await retry();
    expect(await stage.events('run', 'ChildRetried')).toMatchObject([{ child: 2, generation: 2 }]);
    expect(await stage.types(await childRun())).toEqual([
      'RunStarted',
      'JobScheduled',
      'JobFailed',
      'RunFailed',
      'RunRetried',
      'JobRetried',
      'JobSucceeded',
      'RunCompleted',
    ]);
    expect((await stage.events('run', 'ChildClosed')).map(({ generation, outcome }) => [generation, outcome])).toEqual([
      [1, 'failed'],
      [2, 'completed'],
    ]);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: ['mended'] });
  });

  it('a child that cannot be retried answers its parent with the code, in the new generation', async () => {
    await stage.start('run', 'parent', 'listen');
    await stage.send({ type: 'Terminate', run: await childRun(), requestId: 'end', reason: 'enough' });
    expect((await stage.state('run')).phase).toBe('failed');
    await retry();
    expect(
      (await stage.events('run', 'ChildClosed')).map(({ generation, outcome, failure }) => [generation, outcome, failure?.code]),
    ).toEqual([
      [1, 'terminated', 'RUN_TERMINATED'],
      [2, 'failed', 'RUN_NOT_FAILED'],
    ]);
    expect((await stage.state('run')).phase).toBe('failed');
  });

  it('a child that is archived answers its parent as well', async () => {
    await stage.close();
    stage = await openStage({ app: desk, settings: { completedRetentionMs: 1000 } });
    await stage.connect('owner');
    await stage.start('run', 'parent', 'listen');
    await stage.send({ type: 'Terminate', run: await childRun(), requestId: 'end', reason: 'enough' });
    await stage.pass('5s');
    expect(await stage.types(await childRun())).toEqual(['RunArchived']);
    await retry();
    expect((await stage.events('run', 'ChildClosed')).map(({ generation, failure }) => [generation, failure?.code])).toEqual([
      [1, 'RUN_TERMINATED'],
      [2, 'RUN_CLOSED'],
    ]);
    expect((await stage.state('run')).phase).toBe('failed');
  });
});
