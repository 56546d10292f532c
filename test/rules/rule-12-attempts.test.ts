// Proves rule 12: attempts are at-least-once, and whatever may be a copy is claimed before it runs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readToken } from '../../src/protocol/completion-token.ts';
import type { JobRequest } from '../../src/protocol/functions.ts';
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
const attemptOf = (index: number): JobRequest['attempt'] => {
  const attempt = stage.attempts[index]?.attempt;
  if (!attempt) throw new Error(`there was no attempt ${index}`);
  return attempt;
};

/** Publishes a copy of an attempt. */
const copyAttempt = (index: number, more: object = {}) => ({
  topic: `jobs.desk.${attemptOf(index).name}`,
  key: 'run',
  id: 'copy',
  body: JSON.stringify({ ...attemptOf(index), ...more }),
});

describe('Rule 12: what runs unchecked, and what is claimed', () => {
  it('a fresh first attempt runs without a read and without a claim', async () => {
    let reads = 0;
    await stage.connect('owner', { readSummary: (_run, proceed) => (reads++, proceed()) });
    await stage.start('run', 'one-job', 1);
    expect(stage.attempts).toHaveLength(1);
    expect([reads, stage.stepsOf('claim').length]).toEqual([0, 0]);
  });

  it('a first attempt whose commit is older than 5 s is claimed', async () => {
    const orchestrating = await stage.connect('orchestrating');
    await orchestrating.lose('jobs.desk.work');
    await stage.start('run', 'one-job', 1);
    await stage.pass('6s');
    await stage.connect('working');
    expect(stage.stepsOf('claim')).toMatchObject([
      { request: { run: 'run', job: 2, generation: 1, number: 1 }, outcome: { kind: 'granted' } },
    ]);
    expect(stage.attempts).toHaveLength(1);
  });

  it('an attempt that was published again is claimed', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = forEver;
    await stage.start('run', 'one-job', 1);
    await stage.publish([{ ...copyAttempt(0), again: true }]);
    expect(stage.stepsOf('claim')).toHaveLength(1);
  });

  it('an attempt that was delivered before is claimed', async () => {
    stage.jobs['work'] = forEver;
    const first = await stage.connect('first');
    await stage.start('run', 'one-job', 1);
    await stage.pass('1s');
    await first.kill();
    await stage.connect('second');
    expect(stage.stepsOf('claim', 'second')).toMatchObject([{ request: { job: 2, number: 1 }, outcome: { kind: 'granted' } }]);
  });

  it('every later attempt is claimed, with a lease of its timeout and 10 s', async () => {
    await stage.connect('owner');
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number < 2 ? fail() : succeed('at last'));
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('3s');
    const [claim] = stage.stepsOf('claim');
    expect(claim?.request).toMatchObject({ job: 2, generation: 1, number: 2 });
    expect((claim?.request.leaseUntil ?? 0) - (claim?.request.now ?? 0)).toBe(20_000);
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('an attempt that is not wanted any more is acked and not run', async () => {
    await stage.connect('owner');
    await stage.start('run', 'two-jobs');
    await stage.publish([
      { ...copyAttempt(0), again: true },
      { ...copyAttempt(1), again: true },
    ]);
    await stage.pass('1s');
    expect(stage.attempts).toHaveLength(2);
    expect(stage.stepsOf('claim')).toEqual([]);
    expect(await stage.waiting('jobs.desk.work')).toEqual([]);
  });

  it('an attempt of an older generation is not wanted', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = forEver;
    await stage.start('run', 'one-job', 1);
    await stage.send({ type: 'RetryJob', run: 'run', requestId: 'retry', job: 2, newKey: false });
    expect(attemptOf(1)).toMatchObject({ generation: 2, number: 1 });
    await stage.publish([{ ...copyAttempt(0), again: true }]);
    expect(stage.attempts).toHaveLength(2);
  });
});

describe('Rule 12: the idempotency key', () => {
  it('is the same for all attempts of a job, and made of epoch, run and job event', async () => {
    await stage.connect('owner', {}, { epoch: 4 });
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number < 3 ? fail() : succeed());
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('10s');
    expect(stage.attempts.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['4/run/2', '4/run/2', '4/run/2']);
  });

  it('has the generation only if a retry asks for a new key', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = forEver;
    await stage.start('run', 'one-job', 1);
    await stage.send({ type: 'RetryJob', run: 'run', requestId: 'same key', job: 2, newKey: false });
    await stage.send({ type: 'RetryJob', run: 'run', requestId: 'new key', job: 2, newKey: true });
    await stage.send({ type: 'RetryJob', run: 'run', requestId: 'as before', job: 2, newKey: false });
    expect(stage.attempts.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['0/run/2', '0/run/2', '0/run/2/3', '0/run/2/3']);
  });
});

describe('Rule 12: the claim', () => {
  it('is finished by whoever published the result of its very attempt', async () => {
    await stage.connect('owner');
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number < 3 ? fail() : succeed());
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('10s');
    expect(stage.stepsOf('finishClaim').map(({ request, finished }) => [request.number, finished])).toEqual([
      [2, true],
      [3, true],
    ]);
    const order = stage.steps.flatMap((step) => {
      if (step.kind === 'finishClaim') return [`finish ${step.request.number}`];
      return step.kind === 'publish' ? step.messages.filter(({ id }) => /failed$|JobSucceeded$/.test(id)).map(({ id }) => id) : [];
    });
    expect(order).toEqual(['0/run/attempt/2/1/1/failed', '0/run/attempt/2/1/2/failed', 'finish 2', '0/job/2/1/JobSucceeded', 'finish 3']);
  });

  it('whose answer was lost is known by its claimant, and runs once', async () => {
    let answers = 0;
    const owner = await stage.connect('owner');
    owner.hooks.claim = async (_request, proceed) => {
      const outcome = await proceed();
      if (answers++ === 0) throw new Error('the answer was lost');
      return outcome;
    };
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number < 2 ? fail() : succeed());
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('3s');
    expect(answers).toBe(2);
    expect(stage.attempts.map(({ attempt }) => attempt.number)).toEqual([1, 2]);
  });

  it('that is live makes a copy come back at its end by timers, and run then if nobody has finished', async () => {
    const first = await stage.connect('first');
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number === 1 ? fail() : forEver());
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('1500ms');
    const leaseUntil = stage.stepsOf('claim', 'first')[0]?.request.leaseUntil ?? 0;
    await first.kill();
    await stage.connect('second');
    expect(stage.stepsOf('claim', 'second')).toMatchObject([{ outcome: { kind: 'refused' } }]);
    const due = stage.published('timers').map(({ body }) => JSON.parse(body) as { dueAt: number; topic: string });
    expect(due.at(-1)).toMatchObject({ dueAt: leaseUntil, topic: 'jobs.desk.flaky' });
    expect(stage.attempts).toHaveLength(2);
    stage.jobs['flaky'] = () => succeed('late');
    await stage.passTo(leaseUntil + 1000);
    expect(stage.attempts.map(({ attempt }) => attempt.number)).toEqual([1, 2, 2]);
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('that is finished, or higher, ends a copy: it is acked', async () => {
    await stage.connect('owner');
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number < 3 ? fail() : forEver());
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('1500ms');
    await stage.publish([{ ...copyAttempt(1), again: true }]);
    expect(stage.attempts.map(({ attempt }) => attempt.number)).toEqual([1, 2]);
    await stage.pass('3s');
    expect(stage.attempts.map(({ attempt }) => attempt.number)).toEqual([1, 2, 3]);
    await stage.publish([
      { ...copyAttempt(0), again: true },
      { ...copyAttempt(1), again: true },
    ]);
    await stage.pass('1s');
    expect(stage.attempts).toHaveLength(3);
    expect(await stage.waiting('jobs.desk.flaky')).toHaveLength(1);
  });

  it('that is higher than a failure makes job-retry drop it: chains do not multiply', async () => {
    await stage.connect('owner');
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number < 2 ? fail() : forEver());
    await stage.start('run', 'job-of', 'flaky');
    const [failed] = stage.published('retries');
    await stage.pass('1500ms');
    const timers = stage.published('timers').length;
    if (failed) await stage.publish([failed]);
    await stage.pass('5s');
    expect(
      stage
        .published('timers')
        .slice(timers)
        .filter(({ id }) => id.includes('attempt')),
    ).toEqual([]);
    expect(stage.attempts.map(({ attempt }) => attempt.number)).toEqual([1, 2]);
  });
});

describe('Rule 12: results', () => {
  it('a success of any generation counts', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = forEver;
    await stage.start('run', 'one-job', 1);
    await stage.send({ type: 'RetryJob', run: 'run', requestId: 'retry', job: 2, newKey: false });
    await stage.send({ type: 'JobSucceeded', run: 'run', epoch: 0, job: 2, generation: 1, output: payload('old'), attempt: 1 });
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 'old' });
  });

  it('a failure counts in the present generation only', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = forEver;
    await stage.start('run', 'one-job', 1);
    await stage.send({ type: 'RetryJob', run: 'run', requestId: 'retry', job: 2, newKey: false });
    const failed = {
      type: 'JobFailed' as const,
      run: 'run',
      epoch: 0,
      job: 2,
      failure: { code: 'X', name: 'X', message: 'x' },
      attempt: 1,
    };
    await stage.send({ ...failed, generation: 1 });
    expect(await stage.events('run', 'JobFailed')).toEqual([]);
    await stage.send({ ...failed, generation: 2 });
    expect(await stage.events('run', 'JobFailed')).toHaveLength(1);
  });
});

describe('Rule 12: completion by token', () => {
  const complete = (request: JobRequest | undefined) => {
    const { run, job } = readToken(request?.token ?? '');
    return stage.send({ type: 'CompleteJob', run, requestId: request?.token ?? '', job, output: payload('by token') });
  };

  it('an attempt that answers later leaves its job open: it goes on until its token is used', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = () => ({ kind: 'later', timeoutMs: 60_000 });
    await stage.start('run', 'one-job', 1);
    await stage.pass('30s');
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled']);
    await complete(stage.attempts[0]);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 'by token' });
  });

  it('has a timeout that is published before the attempt is acked, and fails the job when nobody comes', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = () => ({ kind: 'later', timeoutMs: 60_000 });
    await stage.start('run', 'one-job', 1);
    const order = stage.steps.flatMap((step) => {
      if (step.kind === 'publish')
        return step.messages.some(({ topic, body }) => topic === 'timers' && body.includes('ATTEMPT_TIMED_OUT')) ? ['timeout'] : [];
      return step.kind === 'ack' && step.topic === 'jobs.desk.work' ? ['ack'] : [];
    });
    expect(order).toEqual(['timeout', 'ack']);
    await stage.pass('61s');
    expect(await stage.events('run', 'JobFailed')).toMatchObject([{ job: 2, failure: { code: 'ATTEMPT_TIMED_OUT' } }]);
  });

  it('may be used before the attempt has answered', async () => {
    await stage.connect('owner');
    const answer = Promise.withResolvers<unknown>();
    stage.jobs['work'] = () => answer.promise;
    await stage.start('run', 'one-job', 1);
    await complete(stage.attempts[0]);
    answer.resolve({ kind: 'later', timeoutMs: 1000 });
    await stage.pass('5s');
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
  });

  it('the token of an earlier attempt completes the job as well', async () => {
    await stage.connect('owner');
    stage.jobs['flaky'] = ({ attempt }) => (attempt.number === 1 ? fail() : { kind: 'later', timeoutMs: 60_000 });
    await stage.start('run', 'job-of', 'flaky');
    await stage.pass('5s');
    await complete(stage.attempts[0]);
    expect(await stage.types('run')).toContain('RunCompleted');
  });
});

describe('Rule 12: bounds of a job', () => {
  it('no more attempts of a job run at once than its bound of concurrency', async () => {
    await stage.connect('owner');
    const running = new Set<() => void>();
    let most = 0;
    stage.jobs['narrow'] = () =>
      new Promise((resolve) => {
        const end = (): void => {
          running.delete(end);
          resolve(succeed());
        };
        running.add(end);
        most = Math.max(most, running.size);
      });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((run) => stage.start(run, 'job-of', 'narrow')));
    while (running.size > 0) {
      for (const end of running) end();
      await stage.settle();
    }
    expect([most, stage.attempts.length]).toEqual([2, 5]);
  });

  it('a job that has not succeeded within its total timeout fails, however many attempts it has left', async () => {
    await stage.connect('owner');
    stage.jobs['hurried'] = () => fail();
    await stage.start('run', 'job-of', 'hurried');
    await stage.pass('30s');
    expect(stage.attempts).toHaveLength(3);
    expect(await stage.types('run')).toContain('RunFailed');
  });

  it('a function that never answers is a failed attempt once its timeout is over', async () => {
    await stage.connect('owner');
    stage.jobs['work-once'] = forEver;
    await stage.start('run', 'job-of', 'work-once');
    await stage.pass('14s');
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled']);
    await stage.pass('2s');
    expect(await stage.events('run', 'JobFailed')).toMatchObject([{ failure: { code: 'FUNCTION_TIMED_OUT' } }]);
  });
});
