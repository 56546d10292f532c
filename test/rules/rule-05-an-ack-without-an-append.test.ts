// Proves rule 5: a message is acked without a commit only on a state that was read after it came, and whose verdict is final.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboxDraft } from '../../src/engine/outbox/derivation.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
  await stage.connect('owner');
});
afterEach(() => stage.close());

const succeeded = (job: number): InboxDraft => ({
  type: 'JobSucceeded',
  run: 'run',
  epoch: 0,
  job,
  generation: 1,
  output: { json: 'late' },
  attempt: 1,
});

/** Whether everything on inbox was acked. */
const isAcked = async (): Promise<boolean> => {
  await stage.pass('1s');
  return (await stage.waiting('inbox')).length === 0;
};

describe('Rule 5: an ack without an append', () => {
  it('is not given from a cached copy: what another owner has committed meanwhile is read first', async () => {
    await stage.start('run', 'listen', 1);
    const scheduled = { type: 'JobScheduled' as const, command: 2, cause: 1, app: 'desk', job: 'work', input: {}, timeoutMs: 1000 };
    await stage.commitBehind('run', [scheduled], ['request/behind']);
    await stage.send({ type: 'Pause', run: 'run', requestId: 'pause' });
    const loads = stage.stepsOf('load').length;
    await stage.commitBehind('run', [{ ...scheduled, command: 3 }], ['request/behind too']);
    const [, second] = await stage.events('run', 'JobScheduled');
    await stage.send(succeeded(second?.number ?? 0));
    expect(stage.stepsOf('load').length).toBeGreaterThan(loads);
    expect(await stage.events('run', 'JobSucceeded')).toMatchObject([{ job: second?.number, output: { json: 'late' } }]);
  });

  it('is given when the event is there already, after a read that began after the message came', async () => {
    await stage.start('run', 'two-jobs');
    const [commits, loads] = [await stage.commits('run'), stage.stepsOf('load').length];
    await stage.send(succeeded(2));
    expect(stage.stepsOf('load')).toHaveLength(loads + 1);
    expect(await stage.commits('run')).toEqual(commits);
    expect(await isAcked()).toBe(true);
  });

  it('is given when the run is closed for good', async () => {
    await stage.start('run', 'listen', 1);
    await stage.send({ type: 'Terminate', run: 'run', requestId: 'end', reason: 'enough' });
    const commits = await stage.commits('run');
    await stage.send(
      succeeded(2),
      { type: 'TimerFired', run: 'run', epoch: 0, timer: 2 },
      { type: 'Wake', run: 'run', version: 1, cause: 'watch' },
    );
    expect(await stage.commits('run')).toEqual(commits);
    expect(await isAcked()).toBe(true);
  });

  it('is given for a run of which nothing is known, except to what opens one', async () => {
    await stage.send(succeeded(2), { type: 'Wake', run: 'run', version: 1, cause: 'watch' });
    expect(await stage.commits('run')).toEqual([]);
    expect(await isAcked()).toBe(true);
  });

  it('is not given to a Wake that changes nothing: it is committed, with no event', async () => {
    await stage.start('run', 'listen', 1);
    await stage.send({ type: 'Wake', run: 'run', version: 1, cause: 'watch' });
    expect((await stage.commits('run'))[1]).toMatchObject({ version: 2, messages: ['wake/1/watch'], events: [] });
  });

  it('a request that is refused is committed too: RequestRefused says why', async () => {
    await stage.start('run', 'listen', 1);
    await stage.send({ type: 'Resume', run: 'run', requestId: 'resume' });
    expect((await stage.commits('run'))[1]).toMatchObject({
      messages: ['request/resume'],
      events: [{ type: 'RequestRefused', requestId: 'resume', code: 'RUN_STATE' }],
    });
  });

  it('a request for a run that is not there is committed as well: the run may come, and comes nevertheless', async () => {
    await stage.send({ type: 'Pause', run: 'run', requestId: 'pause' });
    expect(await stage.events('run', 'RequestRefused')).toMatchObject([{ requestId: 'pause', code: 'RUN_UNKNOWN' }]);
    await stage.start('run', 'one-job', 1);
    expect(await stage.types('run')).toEqual(['RequestRefused', 'RunStarted', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
  });
});
