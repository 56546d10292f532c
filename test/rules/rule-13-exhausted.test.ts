// Proves rule 13: what becomes of a job that has used its attempts up.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { payload } from '../support/pure/drafts.ts';
import { fail, openStage, succeed, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
  await stage.connect('owner');
});
afterEach(() => stage.close());

describe('Rule 13: exhausted attempts', () => {
  it("'fail' throws in the workflow after the last attempt", async () => {
    stage.jobs['flaky'] = () => fail('still out of order');
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('10s');
    expect(stage.attempts.map(({ attempt }) => attempt.number)).toEqual([1, 2, 3]);
    expect(await stage.events('run', 'JobFailed')).toMatchObject([{ job: 2, attempts: 3, failure: { message: 'still out of order' } }]);
    expect(await stage.events('run', 'RunFailed')).toMatchObject([
      { failure: { code: 'JOB_FAILED', message: 'The job "flaky" failed: still out of order' } },
    ]);
  });

  it('an error that is marked not retryable is final at once', async () => {
    stage.jobs['flaky'] = () => fail('no use', false);
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('10s');
    expect(stage.attempts).toHaveLength(1);
    expect(await stage.types('run')).toContain('RunFailed');
  });

  it('a retry function decides how long to wait, and when to stop', async () => {
    stage.jobs['judged'] = ({ attempt }) => fail(attempt.number < 3 ? 'again' : 'give up');
    await stage.start('run', 'job-of', 'judged');
    await stage.pass('4s');
    expect(stage.attempts).toHaveLength(1);
    await stage.pass('7s');
    expect(stage.attempts).toHaveLength(3);
    expect(await stage.types('run')).toContain('RunFailed');
  });

  describe("'hold'", () => {
    beforeEach(async () => {
      stage.jobs['patient'] = () => fail();
      await stage.start('run', 'job-of', 'patient');
      await stage.pass('5s');
    });

    it('records JobHeld, and the code sees nothing', async () => {
      expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobHeld']);
      await stage.pass('1h');
      expect(stage.attempts).toHaveLength(2);
      expect((await stage.state('run')).phase).toBe('open');
    });

    it('RetryJob begins a chain of a new generation', async () => {
      stage.jobs['patient'] = () => succeed('mended');
      await stage.send({ type: 'RetryJob', run: 'run', requestId: 'retry', job: 2, newKey: false });
      expect(stage.attempts.at(-1)?.attempt).toMatchObject({ generation: 2, number: 1 });
      expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 'mended' });
    });

    it('CompleteJob gives the code a value', async () => {
      await stage.send({ type: 'CompleteJob', run: 'run', requestId: 'complete', job: 2, output: payload('by hand') });
      expect(await stage.events('run', 'JobSucceeded')).toMatchObject([{ by: 'request', requestId: 'complete' }]);
      expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 'by hand' });
    });

    it('CancelJob throws JobCanceledError in the workflow', async () => {
      await stage.send({ type: 'CancelJob', run: 'run', requestId: 'cancel', job: 2 });
      expect(await stage.events('run', 'RunFailed')).toMatchObject([{ failure: { code: 'JOB_CANCELED', name: 'JobCanceledError' } }]);
    });
  });

  it('a job that is neither open nor held is refused, and nothing changes', async () => {
    await stage.start('run', 'two-jobs');
    await stage.start('waiting', 'listen', 1);
    for (const type of ['RetryJob', 'CancelJob'] as const)
      await stage.send({ type, run: 'waiting', requestId: type, job: 7, newKey: false });
    expect((await stage.events('waiting', 'RequestRefused')).map(({ code }) => code)).toEqual(['JOB_NOT_OPEN', 'JOB_NOT_OPEN']);
  });
});
