// A whole engine in a process of its own, driven by the command line: what people do with it, and what goes wrong.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Client, type RunView } from '../../src/client/index.ts';
import { runCommand, type Outcome } from '../unit/cli/fake-terminal.ts';
import { runCli, startDev, type DevProcess } from './dev-process.ts';

const probe = resolve(import.meta.dirname, '../support/apps/probe/app.ts');
const booking = resolve(import.meta.dirname, '../../workflows/booking/app.ts');
const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 480, zone: 'Europe/Paris', shortWait: 10 };

let folder: string;
let dev: DevProcess;
let client: Client;

const run = (...words: string[]): Promise<Outcome> => runCommand(words, { url: dev.url });
const app = (name: string): { readonly app: string; readonly name: string } => ({ app: 'probe', name });

/** Asks again and again until the run is as wanted; the test's own time limit ends it otherwise. */
const showWhen = async (runId: string, isWanted: (shown: RunView) => boolean): Promise<RunView> => {
  for (;;) {
    const shown = await client.show(runId);
    if (isWanted(shown)) return shown;
    await pause(20);
  }
};
const jobOf = ({ waitingFor: { jobs } }: RunView): RunView['waitingFor']['jobs'][number] | undefined => jobs[0];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-dev-'));
  dev = await startDev([probe, booking, '--data', join(folder, 'data')]);
  client = createClient({ url: dev.url });
}, 60_000);
afterAll(async () => {
  await dev.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('a booking', { timeout: 60_000 }, () => {
  it('is started, awaited, shown and listed from the command line', async () => {
    const told = await runCli(
      ['start', 'booking/book-trip', '--run-id', 'trip/1', '--input', JSON.stringify(trip), '--tag', 'a=b', '--wait'],
      { STARQUAKE_URL: dev.url },
    );
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toContain('"city":"Rome"');
    expect((await run('show', 'trip/1', '--history')).stdout).toContain('process-payment succeeded');
    expect((await run('list', '--app', 'booking', '--status', 'completed', '--tag', 'a=b')).stdout).toContain('trip/1');
    expect(await run('await', 'trip/1')).toMatchObject({ code: 0 });
  });

  it('whose hotel is full is undone', async () => {
    await client.start({ app: 'booking', name: 'book-trip' }, { ...trip, hotelFull: true }, { runId: 'venice' });
    expect(await run('await', 'venice')).toMatchObject({ code: 1, stdout: expect.stringContaining('full') });
    const { history = [] } = await client.show('venice', { history: true });
    expect(history.map((event) => event['job']).filter((job) => typeof job === 'string')).toEqual([
      'process-payment',
      'book-flight',
      'book-hotel',
      'cancel-flight',
      'refund-payment',
    ]);
  });
});

describe('a run', { timeout: 60_000 }, () => {
  it('waits for a signal, and finds one that came before it', async () => {
    await client.start(app('approve'), {}, { runId: 'approve-1' });
    await showWhen('approve-1', ({ says }) => says === 'waiting for approval');
    expect(await run('signal', 'approve-1', 'approved', '--value', '{"by":"ada"}')).toMatchObject({ code: 0 });
    expect((await client.await('approve-1')).output).toEqual({ by: 'ada' });

    await client.signal('approve-2', 'approved', { by: 'bob' });
    expect(await client.show('approve-2')).toMatchObject({ status: 'expected' });
    await client.start(app('approve'), {}, { runId: 'approve-2' });
    expect((await client.await('approve-2')).output).toEqual({ by: 'bob' });
  });

  it('that is canceled undoes what it has done', async () => {
    await client.start(app('sleep-long'), undefined, { runId: 'sleep-1' });
    await showWhen('sleep-1', ({ waitingFor }) => waitingFor.timers.length === 1);
    expect(await run('cancel', 'sleep-1', '--reason', 'enough')).toMatchObject({ code: 0 });
    expect(await client.await('sleep-1')).toMatchObject({ status: 'canceled', failure: { message: 'enough' } });
    expect(JSON.stringify(await client.show('sleep-1', { history: true }))).toContain('refunded');
  });

  it('is paused, resumed, and goes on when its timer is fired', async () => {
    await client.start(app('sleep-long'), undefined, { runId: 'sleep-2' });
    const { waitingFor } = await showWhen('sleep-2', (shown) => shown.waitingFor.timers.length === 1);
    expect((await run('pause', 'sleep-2')).stdout).toContain('paused');
    expect(await run('fire-timer', 'sleep-2', String(waitingFor.timers[0]?.number))).toMatchObject({ code: 0 });
    expect(await client.show('sleep-2')).toMatchObject({ status: 'paused' });
    await run('resume', 'sleep-2');
    expect((await client.await('sleep-2')).output).toBe('rested');
    expect(await run('resume', 'sleep-2')).toMatchObject({ code: 4, stderr: expect.stringContaining('RUN_STATE') });
  });

  it('is terminated at once', async () => {
    await client.start(app('sleep-long'), undefined, { runId: 'sleep-3' });
    expect((await run('terminate', 'sleep-3')).stdout).toContain('terminated');
  });

  it('that failed is retried from what failed', async () => {
    await client.start(app('fail'), undefined, { runId: 'fail-1' });
    expect(await client.await('fail-1')).toMatchObject({ status: 'failed', failure: { message: expect.stringContaining('refused') } });
    const { version } = await client.show('fail-1');
    expect(await run('retry', 'fail-1')).toMatchObject({ code: 0 });
    expect(await showWhen('fail-1', (shown) => shown.status === 'failed' && shown.version > version + 1)).toBeDefined();
  });
});

describe('a job', { timeout: 60_000 }, () => {
  it('that is held waits for an administrator, who tries it again, completes it or gives it up', async () => {
    for (const [runId, words, outcome] of [
      ['hold-1', ['job', 'complete', '--output', '"by hand"'], { status: 'completed', output: 'by hand' }],
      ['hold-2', ['job', 'cancel'], { status: 'failed' }],
    ] as const) {
      await client.start(app('wait'), undefined, { runId });
      const held = jobOf(await showWhen(runId, (shown) => jobOf(shown)?.state === 'held'));
      expect(held).toMatchObject({ name: 'hold', generation: 1, failure: { message: 'not today' } });
      expect(await run('job', 'retry', runId, String(held?.number))).toMatchObject({ code: 0 });
      await showWhen(runId, (shown) => jobOf(shown)?.state === 'held' && jobOf(shown)?.generation === 2);
      const [job, order, ...rest] = words;
      expect(await run(job, order, runId, String(held?.number), ...rest)).toMatchObject({ code: 0 });
      expect(await client.await(runId)).toMatchObject(outcome);
    }
  });

  it('that answers later is completed by its token', async () => {
    await client.start(app('sign'), undefined, { runId: 'sign-1' });
    const { number = 0 } = jobOf(await showWhen('sign-1', (shown) => jobOf(shown)?.attempt === 'later')) ?? {};
    await client.completeByToken(Buffer.from(JSON.stringify(['sign-1', 0, number, 1])).toString('base64url'), 'signed');
    expect((await client.await('sign-1')).output).toBe('signed');
  });
});

describe('a schedule', { timeout: 60_000 }, () => {
  const showStarted = async (schedule: string): Promise<RunView | undefined> => {
    for (;;) {
      const { runs } = await client.list({ workflow: 'hello', status: 'completed', tags: { schedule } });
      if (runs.length > 0) return runs[0];
      await pause(20);
    }
  };

  it('is there with its app, and starts a run when it is triggered', async () => {
    expect((await run('schedule', 'list')).stdout).toContain('probe/yearly');
    expect(await run('schedule', 'trigger', 'probe/yearly')).toMatchObject({ code: 0 });
    expect(await showStarted('yearly')).toMatchObject({ app: 'probe', workflow: 'hello' });
  });

  it('is made over the API, starts runs at its times, and starts no more once it is paused', async () => {
    await client.putSchedule('probe', 'often', { cron: '* * * * * *', zone: 'UTC', workflow: 'hello', input: 'again' });
    expect(await client.show((await showStarted('often'))?.runId ?? '')).toMatchObject({ output: 'hello again' });
    expect(await run('schedule', 'pause', 'probe/often')).toMatchObject({ code: 0 });
    const findOften = async (): Promise<unknown> => (await client.listSchedules('probe')).find(({ name }) => name === 'often');
    while (!JSON.stringify(await findOften()).includes('"paused":true')) await pause(20);
    expect(await findOften()).toMatchObject({ status: 'running', says: { paused: true } });
  });
});

describe('bad input', { timeout: 60_000 }, () => {
  it.each([
    [['start', 'probe/nope'], 4, 'WORKFLOW_UNKNOWN'],
    [['start', 'probe/strict', '--input', '{'], 2, 'SETTINGS_INVALID'],
    [['show', 'nope'], 4, 'RUN_UNKNOWN'],
    [['pause', 'nope'], 4, 'RUN_UNKNOWN'],
  ])('%j ends with %i and says %s', async (words, code, error) => {
    expect(await run(...words)).toMatchObject({ code, stderr: expect.stringContaining(error) });
  });

  it.each([
    ['strict', { nights: 'two' }, 'INPUT_INVALID'],
    ['throwing', undefined, 'JOB_FAILED'],
    ['unwritable', undefined, 'JOB_FAILED'],
  ])('makes a run of %s end with a code, and nothing is lost', async (workflow, input, code) => {
    await client.start(app(workflow), input, { runId: `bad-${workflow}` }).catch(() => undefined);
    expect(await client.await(`bad-${workflow}`)).toMatchObject({ failure: { code } });
  });

  it('of an app that is not there waits for it', async () => {
    await client.start({ app: 'nowhere', name: 'x' }, undefined, { runId: 'waits' });
    expect(await client.show('waits')).toMatchObject({ status: 'blocked', failure: { code: 'APP_UNKNOWN' } });
  });

  it('a workflow that loops for ever is blocked, and others go on', async () => {
    await client.start(app('loop'), undefined, { runId: 'loop-1' });
    await client.start(app('hello'), 'you', { runId: 'hello-1' });
    expect(await showWhen('loop-1', ({ status }) => status === 'blocked')).toMatchObject({
      failure: { code: 'DECISION_TIMED_OUT' },
    });
    expect((await client.await('hello-1')).output).toBe('hello you');
    await client.terminate('loop-1');
  });

  it('a data folder in use is found out', async () => {
    expect(await runCli(['dev', booking, '--port', '0', '--data', join(folder, 'data')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DATA_IN_USE'),
    });
  });
});
