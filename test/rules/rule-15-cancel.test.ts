// Proves rule 15: what a cancel ends at once, what it waits for, what the code is told, and what becomes of children.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { payload } from '../support/pure/drafts.ts';
import { fail, openStage, succeed, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const forEver = () => new Promise(() => undefined);
const cancel = (run = 'run') => stage.send({ type: 'Cancel', run, requestId: `cancel ${run}`, reason: 'not wanted any more' });
const statusOf = async (run: string) => (await stage.commits(run)).at(-1)?.summary.status;
const childOf = async (run: string) => (await stage.events(run, 'ChildStarted'))[0]?.run ?? '';

describe('Rule 15: what a cancel does to what is open', () => {
  beforeEach(async () => void (await stage.connect('owner')));

  it('a held job ends at once as JobCanceled', async () => {
    stage.jobs['patient'] = () => fail();
    await stage.start('run', 'job-of', 'patient');
    await stage.pass('5s');
    await cancel();
    expect((await stage.types('run')).slice(-3)).toEqual(['CancelRequested', 'JobCanceled', 'RunCanceled']);
  });

  it.each(['sleep', 'receive'])('a pending %s is rejected at once, and the code cleans up by jobs as ever', async (waiting) => {
    await stage.start('run', 'tidy', waiting);
    await cancel();
    const events = await stage.history('run');
    const at = events.findIndex(({ type }) => type === 'CancelRequested');
    expect(events.slice(at).map(({ type }) => type)).toEqual([
      'CancelRequested',
      ...(waiting === 'sleep' ? ['TimerCanceled'] : []),
      'JobScheduled',
      'JobSucceeded',
      'RunCanceled',
    ]);
    expect(stage.attempts.at(-1)?.attempt.input).toEqual({ json: 'tidied' });
  });

  it('an attached child is asked, and waited for', async () => {
    await stage.start('run', 'tidy', 'child');
    const child = await childOf('run');
    stage.jobs['undo-work'] = forEver;
    await cancel();
    expect(await statusOf(child)).toBe('canceled');
    expect((await stage.events('run', 'ChildClosed'))[0]).toMatchObject({ outcome: 'canceled' });
    expect((await stage.types('run')).indexOf('ChildClosed')).toBeLessThan((await stage.types('run')).lastIndexOf('JobScheduled'));
  });

  it('an open job is waited for until its attempt timeout: then it is JobCanceled', async () => {
    stage.jobs['work'] = forEver;
    await stage.start('run', 'tidy', 'job');
    await cancel();
    expect(await statusOf('run')).toBe('canceling');
    await stage.pass('29s');
    expect(await stage.events('run', 'JobCanceled')).toEqual([]);
    await stage.pass('2s');
    expect(await stage.events('run', 'JobCanceled')).toMatchObject([{ job: 2, reason: 'the run was canceled' }]);
    await stage.settle();
    expect(await statusOf('run')).toBe('canceled');
  });

  it('a job that succeeds before that is delivered, so that what was paid is refunded', async () => {
    const paid = Promise.withResolvers<unknown>();
    stage.jobs['work'] = () => paid.promise;
    await stage.start('run', 'saga');
    await cancel();
    expect(await statusOf('run')).toBe('canceling');
    paid.resolve(succeed({ did: 'paid', key: '' }));
    await stage.settle();
    expect(stage.attempts.map(({ attempt }) => [attempt.name, attempt.input])).toEqual([
      ['work', { json: 'paid' }],
      ['undo-work', { json: 'paid' }],
    ]);
    expect(await statusOf('run')).toBe('canceled');
  });

  it('a job that fails while the run is being canceled gets no new attempt', async () => {
    await stage.start('run', 'job-of', 'flaky');
    stage.jobs['flaky'] = forEver;
    await stage.start('other', 'job-of', 'flaky');
    const failing = Promise.withResolvers<unknown>();
    stage.jobs['flaky'] = () => failing.promise;
    await stage.start('third', 'job-of', 'flaky');
    const before = stage.attempts.length;
    await cancel('third');
    failing.resolve(fail());
    await stage.pass('5s');
    expect(stage.attempts).toHaveLength(before);
    expect(await stage.events('third', 'JobCanceled')).toMatchObject([{ reason: 'the run was canceled before the attempt began' }]);
    expect(await statusOf('third')).toBe('canceled');
  });

  it('a job that would be held while the run is being canceled is canceled', async () => {
    const failing = Promise.withResolvers<unknown>();
    stage.jobs['patient'] = () => failing.promise;
    await stage.start('run', 'job-of', 'patient');
    await cancel();
    failing.resolve(fail('no use', false));
    await stage.settle();
    expect(await stage.events('run', 'JobHeld')).toEqual([]);
    expect(await statusOf('run')).toBe('canceled');
  });
});

describe('Rule 15: an attempt that has not begun', () => {
  it('and is checked is dropped, and answered with JobCanceled', async () => {
    const orchestrating = await stage.connect('orchestrating');
    await orchestrating.lose('jobs.desk.work');
    await stage.start('run', 'one-job', 1);
    await cancel();
    await stage.pass('6s');
    await stage.connect('working');
    expect(stage.attempts).toEqual([]);
    expect(await stage.events('run', 'JobCanceled')).toMatchObject([{ job: 2 }]);
    expect(await statusOf('run')).toBe('canceled');
  });
});

describe('Rule 15: what the code is told', () => {
  beforeEach(async () => void (await stage.connect('owner')));

  it('RunCanceledError is thrown once: what comes after it runs normally', async () => {
    await stage.start('run', 'stubborn');
    await cancel();
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: ['RUN_CANCELED', 'slept', 'worked'] });
    await stage.pass('1m');
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: ['RUN_CANCELED', 'slept', 'worked'] });
  });

  it('a cancel that came before the run started is thrown at its first await', async () => {
    await cancel();
    expect(await stage.types('run')).toEqual(['RunExpected', 'CancelRequested']);
    await stage.start('run', 'one-job', 1);
    expect(await stage.types('run')).toEqual(['RunExpected', 'CancelRequested', 'RunStarted', 'RunCanceled']);
  });

  it('resumes a paused run', async () => {
    await stage.start('run', 'listen', 1);
    await stage.send({ type: 'Pause', run: 'run', requestId: 'pause' });
    await cancel();
    expect(await statusOf('run')).toBe('canceled');
  });

  it('a second cancel is refused', async () => {
    stage.jobs['work'] = forEver;
    await stage.start('run', 'one-job', 1);
    await cancel();
    await stage.send({ type: 'Cancel', run: 'run', requestId: 'again', reason: 'really' });
    expect(await stage.events('run', 'RequestRefused')).toMatchObject([{ requestId: 'again', code: 'RUN_STATE' }]);
  });
});

describe('Rule 15: a blocked run', () => {
  it('refuses a cancel with the hint to terminate, which waits for nothing', async () => {
    const owner = await stage.connect('owner');
    await stage.start('run', 'listen', 1);
    owner.hooks.invoke = () => Promise.reject(new Error('gone'));
    await stage.signal('run', 'word', 'one');
    expect(await statusOf('run')).toBe('blocked');
    await cancel();
    expect(await stage.events('run', 'RequestRefused')).toMatchObject([{ code: 'CANCEL_BLOCKED' }]);
    await stage.send({ type: 'Terminate', run: 'run', requestId: 'end', reason: 'enough' });
    expect((await stage.types('run')).at(-1)).toBe('RunTerminated');
    expect(await statusOf('run')).toBe('terminated');
  });
});

describe('Rule 15: a parent that ends', () => {
  beforeEach(async () => void (await stage.connect('owner')));

  it('by completing or failing leaves attached children alone', async () => {
    await stage.start('completes', 'careless', 'complete');
    await stage.start('fails', 'careless', 'fail');
    expect([await statusOf('completes'), await statusOf('fails')]).toEqual(['completed', 'failed']);
    expect([await statusOf(await childOf('completes')), await statusOf(await childOf('fails'))]).toEqual(['running', 'running']);
  });

  it('by being canceled cancels them', async () => {
    await stage.start('run', 'careless', 'wait');
    await cancel();
    expect([await statusOf('run'), await statusOf(await childOf('run'))]).toEqual(['canceled', 'canceled']);
  });

  it('by being terminated terminates them', async () => {
    await stage.start('run', 'careless', 'wait');
    await stage.send({ type: 'Terminate', run: 'run', requestId: 'end', reason: 'enough' });
    expect([await statusOf('run'), await statusOf(await childOf('run'))]).toEqual(['terminated', 'terminated']);
  });

  it('however it ends leaves detached children alone', async () => {
    for (const [run, type] of [
      ['first', 'Cancel'],
      ['second', 'Terminate'],
    ] as const) {
      await stage.start(run, 'patron');
      await stage.send({ type, run, requestId: `end ${run}`, reason: 'enough' });
      expect(await statusOf(run)).toBe(type === 'Cancel' ? 'canceled' : 'terminated');
      expect(await statusOf(await childOf(run))).toBe('running');
    }
  });

  it('a child that is terminated by itself is an error where it is awaited', async () => {
    await stage.start('run', 'onlooker');
    await stage.send({ type: 'Terminate', run: 'watched', requestId: 'end', reason: 'enough' });
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual(payload('terminated'));
  });
});
