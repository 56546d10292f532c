// Says what a retry policy means where it is silent: once, for those that judge by it and those that tell of it.
import { toMilliseconds } from './duration.ts';
import type { RetryPolicy } from './job.ts';

/** A retry policy with nothing left out. */
export interface CompletePolicy {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  readonly stopOn: readonly string[];
  readonly exhausted: 'fail' | 'hold';
}

/**
 * Fills in what a policy leaves out.
 *
 * @throws DURATION_INVALID
 * @example
 * completePolicy({ maxAttempts: 2 }); // { maxAttempts: 2, firstDelayMs: 1000, factor: 2, maxDelayMs: 60000, stopOn: [], exhausted: 'fail' }
 */
export const completePolicy = (policy: RetryPolicy): CompletePolicy => ({
  maxAttempts: policy.maxAttempts ?? 5,
  firstDelayMs: toMilliseconds(policy.firstDelay ?? '1s'),
  factor: policy.factor ?? 2,
  maxDelayMs: toMilliseconds(policy.maxDelay ?? '1m'),
  stopOn: policy.stopOn ?? [],
  exhausted: policy.exhausted ?? 'fail',
});
