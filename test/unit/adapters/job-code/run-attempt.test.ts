// Proves what becomes of what a job returns, throws or never does.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runAttempt } from '../../../../src/adapters/job-code/run-attempt.ts';
import { NotRetryableError } from '../../../../src/sdk/errors.ts';
import { job, type AnyJob, type JobDefinition } from '../../../../src/sdk/job.ts';
import { makeJobRequest } from '../../../support/job-request.ts';

const attemptJob = (attempted: AnyJob, timeoutMs = 10_000) => runAttempt(attempted, makeJobRequest({ timeoutMs }), { amount: '5' });
const attempt = ({ run }: Pick<JobDefinition<never, unknown>, 'run'>, timeoutMs?: number) =>
  attemptJob(job({ name: 'save', run }), timeoutMs);
const throwing = (thrown: unknown) =>
  attempt({
    run: () => {
      throw thrown;
    },
  });

describe('what a job returns', () => {
  it('is its output', async () => {
    expect(await attempt({ run: async () => ({ receipt: 'r', none: undefined, at: new Date(0) }) })).toMatchObject({
      kind: 'succeeded',
      output: { json: { receipt: 'r' } },
    });
  });

  it('may be nothing, or null, which are not the same', async () => {
    expect(await attempt({ run: () => undefined })).toEqual({ kind: 'succeeded', output: {} });
    expect(await attempt({ run: () => null })).toEqual({ kind: 'succeeded', output: { json: null } });
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([
    ['a function', { callback: () => 1 }, /function under "callback"/],
    ['a BigInt', 5n, /bigint as a whole/],
    ['a cycle', cycle, /circular/],
    ['a number that JSON lacks', [Number.NaN], /NaN/],
    ['a Map', { map: new Map() }, /Map under "map"/],
    ['a symbol', { mark: Symbol('x') }, /symbol/],
  ])('cannot be %s, and is not tried again', async (_, output, message) => {
    expect(await attempt({ run: () => output })).toMatchObject({
      kind: 'failed',
      retryable: false,
      failure: { code: 'OUTPUT_NOT_JSON', message: expect.stringMatching(message) },
    });
  });
});

describe('what a job throws', () => {
  it('travels with its class, message and the top of its stack, and may be tried again', async () => {
    const answer = await throwing(new RangeError('too far'));
    expect(answer).toMatchObject({
      kind: 'failed',
      retryable: true,
      failure: { code: 'RangeError', name: 'RangeError', message: 'too far' },
    });
    expect(answer.kind === 'failed' && answer.failure.stack?.split('\n').length).toBeLessThanOrEqual(20);
  });

  it('may have a code and data of its own', async () => {
    const answer = await throwing(Object.assign(new Error('declined'), { code: 'CARD_DECLINED', data: { reason: 'expired' } }));
    expect(answer).toMatchObject({ retryable: true, failure: { code: 'CARD_DECLINED', data: { reason: 'expired' } } });
  });

  it('has a code of the catalogue by chance, and may be tried again all the same', async () => {
    expect(await throwing(Object.assign(new Error('theirs'), { code: 'INPUT_INVALID' }))).toMatchObject({ retryable: true });
  });

  it('is not tried again if it is a NotRetryableError', async () => {
    expect(await throwing(new NotRetryableError('full'))).toMatchObject({
      retryable: false,
      failure: { name: 'NotRetryableError', message: 'full' },
    });
  });

  it.each([
    ['a text', 'no room', 'no room'],
    ['an object', { status: 503 }, '{"status":503}'],
    ['nothing', undefined, 'undefined'],
  ])('may be %s, which becomes JOB_THREW', async (_, thrown, message) => {
    expect(await throwing(thrown)).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'JOB_THREW', message } });
  });
});

describe('a schema', () => {
  it('makes the input that the job sees, and the output that the workflow sees', async () => {
    const input = z.object({ amount: z.coerce.number() });
    const output = z.string().transform((text) => text.toUpperCase());
    const answer = await attemptJob(job({ name: 'save', input, output, run: ({ amount }) => `paid ${amount + 1}` }));
    expect(answer).toEqual({ kind: 'succeeded', output: { json: 'PAID 6' } });
  });

  it.each<[string, AnyJob, string, RegExp]>([
    [
      'input',
      job({ name: 'save', input: z.object({ amount: z.number() }), run: () => 1 }),
      'INPUT_INVALID',
      /input of the job "save".*amount: /,
    ],
    ['output', job({ name: 'save', output: z.string().max(1), run: () => 'long' }), 'OUTPUT_INVALID', /output of the job "save"/],
  ])('that the %s does not fit ends the attempts, naming the place', async (_, misfit, code, message) => {
    expect(await attemptJob(misfit)).toMatchObject({
      kind: 'failed',
      retryable: false,
      failure: { code, message: expect.stringMatching(message) },
    });
  });
});

describe('an attempt', () => {
  it('knows its run, its number, its key, and can promise to be completed later', async () => {
    const seen: unknown[] = [];
    const answer = await attempt({
      run: (_, context) => {
        seen.push(context.runId, context.job, context.number, context.idempotencyKey, context.signal.aborted);
        const later = context.completeLater({ timeout: '3 days' });
        seen.push(later.token);
        return later;
      },
    });
    expect(answer).toEqual({ kind: 'later', timeoutMs: 3 * 86_400_000 });
    expect(seen).toEqual(['run-1', 'save', 1, 'key-of-the-job', false, 'token-of-the-job']);
  });

  it('that is completed later waits 7 days unless told otherwise, and its promise counts only when it is returned', async () => {
    expect(await attempt({ run: (_, context): unknown => context.completeLater() })).toEqual({ kind: 'later', timeoutMs: 7 * 86_400_000 });
    expect(await attempt({ run: (_, context): unknown => (context.completeLater(), 'at once') })).toMatchObject({ kind: 'succeeded' });
  });

  it('that takes longer than its timeout has failed, and its signal says so to what it called', async () => {
    const heard = Promise.withResolvers<unknown>();
    const answer = await attempt(
      { run: (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => heard.resolve(signal.reason))) },
      1,
    );
    expect(answer).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'ATTEMPT_TIMED_OUT' } });
    expect(await heard.promise).toMatchObject({ code: 'ATTEMPT_TIMED_OUT' });
  });

  it('of a job that the app lacks has failed for good', async () => {
    expect(await runAttempt(undefined, makeJobRequest({ name: 'nobody' }), 1)).toMatchObject({
      kind: 'failed',
      retryable: false,
      failure: { code: 'JOB_UNKNOWN' },
    });
  });
});
