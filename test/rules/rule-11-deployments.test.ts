// Proves rule 11: a run stays on its deployment; only a blocked one tries the newest.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk, loadNextDesk } from '../support/apps/desk/load-desk.ts';
import { payload } from '../support/pure/drafts.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const [desk, nextDesk] = await Promise.all([loadDesk(), loadNextDesk()]);
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk, deployment: { deployment: 'first', order: 1 } });
  await stage.connect('owner');
});
afterEach(() => stage.close());

const decisionFunctions = (): readonly string[] => stage.stepsOf('invoke').flatMap(({ name }) => (name.includes('decision') ? [name] : []));

describe('Rule 11: deployments', () => {
  it('RunStarted names the newest deployment, by the number in its manifest and not by when it came', async () => {
    await stage.deploy(nextDesk, { deployment: 'third', order: 3 });
    await stage.deploy(desk, { deployment: 'second', order: 2 });
    await stage.start('run', 'one-job', 1);
    expect(await stage.events('run', 'RunStarted')).toMatchObject([{ deployment: 'third' }]);
  });

  it('a start may ask for a deployment', async () => {
    await stage.deploy(nextDesk, { deployment: 'second', order: 2 });
    await stage.start('run', 'one-job', 1, { deployment: 'first' });
    expect(await stage.events('run', 'RunStarted')).toMatchObject([{ deployment: 'first' }]);
  });

  it('a run stays on its deployment, and so do its attempts', async () => {
    await stage.start('run', 'sleep-then-work', 60_000);
    await stage.deploy(nextDesk, { deployment: 'second', order: 2 });
    await stage.pass('2m');
    expect(await stage.types('run')).toContain('RunCompleted');
    expect(new Set(decisionFunctions())).toEqual(new Set(['desk.decision@first']));
    expect(stage.attempts.map(({ attempt }) => attempt.deployment)).toEqual(['first']);
  });

  it('a blocked run tries the newest deployment at each try; if that replays, the commit carries DeploymentChanged', async () => {
    await stage.start('run', 'listen', 1);
    stage.removeFunction('desk.decision@first');
    await stage.signal('run', 'word', 'one');
    expect(await stage.events('run', 'RunBlocked')).toMatchObject([{ failure: { code: 'FUNCTION_NOT_FOUND' } }]);
    await stage.deploy(nextDesk, { deployment: 'second', order: 2 });
    await stage.pass('2s');
    const commit = (await stage.commits('run')).at(-1);
    expect(commit?.events.map(({ type }) => type)).toEqual(['RunUnblocked', 'DeploymentChanged', 'RunCompleted']);
    expect((await stage.state('run')).header?.deployment).toBe('second');
  });

  it('if the newest does not replay either, the run stays blocked on the deployment that it had', async () => {
    stage.jobs['work'] = () => new Promise(() => undefined);
    await stage.start('run', 'two-jobs');
    stage.removeFunction('desk.decision@first');
    await stage.send({ type: 'CompleteJob', run: 'run', requestId: 'done', job: 2, output: payload({ did: 1 }) });
    await stage.deploy(nextDesk, { deployment: 'second', order: 2 });
    await stage.pass('5s');
    const blocked = await stage.events('run', 'RunBlocked');
    expect(blocked.map(({ failure }) => failure.code)).toEqual(['FUNCTION_NOT_FOUND', 'NON_DETERMINISTIC', 'NON_DETERMINISTIC']);
    expect((await stage.state('run')).header?.deployment).toBe('first');
  });

  it('a run of an app that no deployment is known of is blocked, and begins when one comes', async () => {
    await stage.start('run', 'one-job', 1, { app: 'later' });
    expect(await stage.events('run', 'RunBlocked')).toMatchObject([{ failure: { code: 'APP_UNKNOWN' } }]);
    expect((await stage.events('run', 'RunStarted'))[0]).not.toHaveProperty('deployment');
    await stage.deploy({ ...desk, app: { ...desk.app, name: 'later' } }, { deployment: 'new', order: 1 });
    await stage.pass('2s');
    expect((await stage.state('run')).header?.deployment).toBe('new');
    expect(await stage.types('run')).toEqual([
      'RunStarted',
      'RunBlocked',
      'RunUnblocked',
      'DeploymentChanged',
      'JobScheduled',
      'JobSucceeded',
      'RunCompleted',
    ]);
  });

  it('a workflow that a known app has not is refused for good', async () => {
    await stage.start('run', 'no-such-workflow', 1);
    expect(await stage.events('run', 'RunRefused')).toMatchObject([{ failure: { code: 'WORKFLOW_UNKNOWN' } }]);
    expect((await stage.state('run')).phase).toBe('refused');
  });

  it('an attempt of a deployment that is not known here waits until it is', async () => {
    const [attempt] = await (async () => {
      await stage.start('run', 'one-job', 1);
      return stage.published('jobs.desk.work');
    })();
    const moved = { ...(JSON.parse(attempt?.body ?? '') as object), deployment: 'second', run: 'other' };
    await stage.publish([{ topic: 'jobs.desk.work', key: 'other', id: 'moved', body: JSON.stringify(moved) }]);
    await stage.pass('3s');
    expect(await stage.waiting('jobs.desk.work')).toHaveLength(1);
    expect(stage.attempts).toHaveLength(1);
  });

  it('one deployment can be replaced in place: the next decision is by the new code', async () => {
    await stage.start('run', 'sleep-then-work', 60_000);
    await stage.deploy(nextDesk, { deployment: 'first', order: 1 });
    await stage.pass('2m');
    expect(await stage.types('run')).toContain('RunCompleted');
    expect(new Set(decisionFunctions())).toEqual(new Set(['desk.decision@first']));
  });
});
