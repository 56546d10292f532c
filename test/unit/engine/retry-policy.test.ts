// Proves how a failed attempt is judged: by the policy or the function that the author wrote.
import { describe, expect, it } from 'vitest';
import { judgeFailure } from '../../../src/engine/retry-policy.ts';
import type { AttemptFailed } from '../../../src/protocol/messages.ts';
import { job, type RetryFunction, type RetryPolicy } from '../../../src/sdk/job.ts';

const failedAt = (
  number: number,
  more: { readonly retryable?: boolean; readonly code?: string; readonly totalTimeoutMs?: number } = {},
): AttemptFailed => ({
  type: 'AttemptFailed',
  v: 1,
  attempt: {
    type: 'Attempt',
    v: 1,
    run: 'run',
    epoch: 0,
    app: 'desk',
    workflow: 'w',
    job: 2,
    name: 'job',
    generation: 1,
    number,
    keyGeneration: 1,
    deployment: 'one',
    input: {},
    timeoutMs: 1000,
    commitAt: 0,
    tags: {},
    ...(more.totalTimeoutMs !== undefined && { totalTimeoutMs: more.totalTimeoutMs }),
  },
  failure: { code: more.code ?? 'Error', name: 'TypeError', message: 'out of order' },
  retryable: more.retryable ?? true,
  failedAt: 0,
});

const judge = (retry: RetryPolicy | RetryFunction | undefined, failed: AttemptFailed, now = 0) =>
  judgeFailure(job({ name: 'job', ...(retry !== undefined && { retry }), run: () => 0 }), failed, now);
const delays = (retry: RetryPolicy, attempts: number) =>
  Array.from({ length: attempts }, (_, index) => judge(retry, failedAt(index + 1))).map((verdict) =>
    verdict.kind === 'retry' ? verdict.delayMs : verdict.kind,
  );

describe('a policy', () => {
  it('left out means 5 attempts, a second apart at first, then twice as long each time', () => {
    expect(delays({}, 5)).toEqual([1000, 2000, 4000, 8000, 'fail']);
  });

  it('bounds attempts and delays', () => {
    expect(delays({ maxAttempts: 4, firstDelay: '10s', factor: 3, maxDelay: '50s' }, 4)).toEqual([10_000, 30_000, 50_000, 'fail']);
    expect(delays({ maxAttempts: 1 }, 1)).toEqual(['fail']);
    expect(delays({ factor: 1, maxAttempts: 3 }, 3)).toEqual([1000, 1000, 'fail']);
  });

  it("ends with a wait for an administrator where it says 'hold'", () => {
    expect(delays({ maxAttempts: 2, exhausted: 'hold' }, 2)).toEqual([1000, 'hold']);
    expect(judge({ exhausted: 'hold' }, failedAt(1, { retryable: false }))).toMatchObject({ kind: 'hold' });
  });

  it('stops at errors whose code or name it lists', () => {
    expect(judge({ stopOn: ['SOLD_OUT'] }, failedAt(1, { code: 'SOLD_OUT' }))).toMatchObject({
      kind: 'fail',
      failure: { code: 'SOLD_OUT' },
    });
    expect(judge({ stopOn: ['TypeError'] }, failedAt(1))).toMatchObject({ kind: 'fail' });
    expect(judge({ stopOn: ['SOLD_OUT'] }, failedAt(1))).toMatchObject({ kind: 'retry' });
  });

  it('does not try again what is marked as not retryable', () => {
    expect(judge({}, failedAt(1, { retryable: false }))).toMatchObject({ kind: 'fail' });
  });
});

describe('a function', () => {
  it('is given the error and the number of the attempt, and says the delay', () => {
    const seen: unknown[] = [];
    const verdict = judge((error, attempt) => {
      seen.push(error, attempt);
      return '3s';
    }, failedAt(7));
    expect(verdict).toEqual({ kind: 'retry', delayMs: 3000 });
    expect(seen).toEqual([{ code: 'Error', name: 'TypeError', message: 'out of order' }, 7]);
  });

  it('may stop', () => {
    expect(judge(() => 'stop', failedAt(1))).toMatchObject({ kind: 'fail' });
  });
});

describe('a total timeout', () => {
  it('leaves no attempt that would begin after it', () => {
    expect(judge({}, failedAt(1, { totalTimeoutMs: 5000 }), 3999)).toMatchObject({ kind: 'retry' });
    expect(judge({}, failedAt(1, { totalTimeoutMs: 5000 }), 4000)).toMatchObject({ kind: 'fail' });
  });
});
