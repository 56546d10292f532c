// What can be asked of runs, jobs, timers and schedules over HTTP.
import { afterEach, describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { scheduled, started } from '../query/commits.ts';
import { openApi, type ApiHarness } from './api-harness.ts';

let harness: ApiHarness;
afterEach(() => harness.close());

const open = async (...events: readonly NewEvent[]): Promise<void> => {
  harness = await openApi();
  await harness.commit('r/1', [started(), ...events], 'running');
};

describe('a request', () => {
  it.each([
    ['/runs/r%2F1/signals/approved', { value: { by: 'ada' } }, { type: 'Signal', signal: 'approved', value: { json: { by: 'ada' } } }],
    ['/runs/r%2F1/signals/approved', undefined, { type: 'Signal', signal: 'approved', value: {} }],
    ['/runs/r%2F1/cancel', { reason: 'changed my mind' }, { type: 'Cancel', reason: 'changed my mind' }],
    ['/runs/r%2F1/cancel', undefined, { type: 'Cancel', reason: expect.any(String) }],
    ['/runs/r%2F1/terminate', { reason: 'stuck' }, { type: 'Terminate', reason: 'stuck' }],
    ['/runs/r%2F1/pause', undefined, { type: 'Pause' }],
    ['/runs/r%2F1/resume', undefined, { type: 'Resume' }],
    ['/runs/r%2F1/retry', undefined, { type: 'RetryRun' }],
    ['/runs/r%2F1/jobs/2/retry', { newKey: true }, { type: 'RetryJob', job: 2, newKey: true }],
    ['/runs/r%2F1/jobs/2/retry', undefined, { type: 'RetryJob', job: 2, newKey: false }],
    ['/runs/r%2F1/jobs/2/cancel', undefined, { type: 'CancelJob', job: 2 }],
    ['/runs/r%2F1/jobs/2/complete', { output: [1] }, { type: 'CompleteJob', job: 2, output: { json: [1] } }],
    ['/runs/r%2F1/timers/3/fire', undefined, { type: 'FireTimer', timer: 3 }],
  ])('POST %s %j goes to its run and answers when it has happened', async (path, body, message) => {
    await open();
    expect(await harness.send('POST', path, body, { 'idempotency-key': 'key-1' })).toMatchObject({
      status: 200,
      body: { runId: 'r/1', version: 2 },
    });
    expect(harness.sent).toEqual([{ v: 1, run: 'r/1', requestId: 'key-1', ...message }]);
  });

  it('that is refused answers with the code of the refusal', async () => {
    harness = await openApi((message) => ({
      status: 'running',
      events: [
        { type: 'RequestRefused', requestId: 'requestId' in message ? message.requestId : '', code: 'NOT_DUE', message: 'no such timer' },
      ],
    }));
    await harness.commit('r', [started()], 'running');
    expect(await harness.send('POST', '/runs/r/timers/9/fire')).toMatchObject({
      status: 409,
      body: { code: 'NOT_DUE', message: 'no such timer' },
    });
  });

  it('for a run that has never been is refused beside the history', async () => {
    harness = await openApi(() => undefined);
    const asked = harness.send('POST', '/runs/nope/pause', undefined, { 'idempotency-key': 'key-1' });
    harness.context.projection.applyRefusal({ run: 'nope', requestId: 'key-1', code: 'RUN_UNKNOWN', message: 'no run' });
    expect(await asked).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
  });

  it('about a job is refused without a number', async () => {
    await open();
    expect(await harness.send('POST', '/runs/r%2F1/jobs/first/retry')).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID', message: expect.stringContaining('job') },
    });
  });
});

describe('a completion token', () => {
  const token = Buffer.from(JSON.stringify(['r/1', 0, 2, 1])).toString('base64url');
  const answerJob = async (): Promise<void> => {
    harness = await openApi((message) => {
      if (message.type === 'JobSucceeded') return { status: 'running', events: [{ ...message, by: 'attempt' }] };
      if (message.type === 'JobFailed') return { status: 'running', events: [{ ...message, attempts: message.attempt }] };
      return undefined;
    });
    await harness.commit('r/1', [started(), scheduled('sign')], 'running');
  };

  it('completes its job with an output', async () => {
    await answerJob();
    expect(await harness.send('POST', `/completions/${token}`, { output: 'signed' })).toMatchObject({
      status: 200,
      body: { waitingFor: { jobs: [] } },
    });
    expect(harness.sent).toMatchObject([{ type: 'JobSucceeded', run: 'r/1', epoch: 0, job: 2, generation: 1, output: { json: 'signed' } }]);
  });

  it('fails its job with a failure', async () => {
    await answerJob();
    expect(await harness.send('POST', `/completions/${token}`, { failure: { message: 'refused to sign' } })).toMatchObject({
      status: 200,
      body: { waitingFor: { jobs: [{ state: 'failed' }] } },
    });
    expect(harness.sent).toMatchObject([{ type: 'JobFailed', failure: { code: 'Error', name: 'Error', message: 'refused to sign' } }]);
  });

  it('is refused when its job is not open any more, when its run is unknown, and when nobody gave it', async () => {
    await answerJob();
    await harness.send('POST', `/completions/${token}`, {});
    expect(await harness.send('POST', `/completions/${token}`, {})).toMatchObject({ status: 409, body: { code: 'JOB_NOT_OPEN' } });
    const other = Buffer.from(JSON.stringify(['nope', 0, 2, 1])).toString('base64url');
    expect(await harness.send('POST', `/completions/${other}`, {})).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
    expect(await harness.send('POST', '/completions/nonsense', {})).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
  });
});

describe('a schedule', () => {
  const nightly = { cron: '0 3 * * *', zone: 'Europe/Paris', workflow: 'report', input: { days: 1 } };

  it('is made by starting its run and telling it its definition', async () => {
    harness = await openApi();
    expect(await harness.send('PUT', '/schedules/reports/nightly', nightly, { 'idempotency-key': 'key-1' })).toMatchObject({
      status: 200,
      body: { app: 'reports', name: 'nightly', runId: 'schedule/reports/nightly', status: 'running' },
    });
    expect(harness.sent).toMatchObject([
      { type: 'StartRun', run: 'schedule/reports/nightly', app: 'reports', workflow: 'starquake.schedule', input: {} },
      {
        type: 'Signal',
        run: 'schedule/reports/nightly',
        signal: 'schedule',
        requestId: 'key-1',
        value: { json: { kind: 'define', definition: { name: 'nightly', ...nightly, overlap: 'skip' } } },
      },
    ]);
    expect((await harness.send('GET', '/schedules?app=reports')).body).toMatchObject({ schedules: [{ app: 'reports', name: 'nightly' }] });
    expect((await harness.send('GET', '/schedules?app=other')).body).toEqual({ schedules: [] });
  });

  it.each(['pause', 'resume', 'trigger'])('takes the order to %s as a signal', async (kind) => {
    harness = await openApi();
    await harness.send('PUT', '/schedules/reports/nightly', nightly);
    expect(await harness.send('POST', `/schedules/reports/nightly/${kind}`)).toMatchObject({ status: 200 });
    expect(harness.sent.at(-1)).toMatchObject({ type: 'Signal', signal: 'schedule', value: { json: { kind } } });
  });

  it('that is unknown, or whose times cannot be understood, is refused', async () => {
    harness = await openApi();
    expect(await harness.send('POST', '/schedules/reports/nope/pause')).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
    expect(await harness.send('PUT', '/schedules/reports/odd', { ...nightly, cron: 'now and then' })).toMatchObject({
      status: 400,
      body: { code: 'CALENDAR_RULE_INVALID' },
    });
    expect(harness.sent).toEqual([]);
  });
});
