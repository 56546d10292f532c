// Judges a failed attempt by its job's policy: another attempt, a failure for the workflow, or a wait for an administrator.
import type { RetryVerdict } from '../protocol/functions.ts';
import type { AttemptFailed } from '../protocol/messages.ts';
import type { Failure } from '../protocol/payload.ts';
import type { AnyJob } from '../sdk/job.ts';
import { completePolicy, type CompletePolicy } from '../sdk/complete-policy.ts';
import { toMilliseconds } from '../sdk/duration.ts';

/** What is judged by. */
export type JudgedJob = Pick<AnyJob, 'name' | 'retry'>;

const delayOf = ({ firstDelayMs, factor, maxDelayMs }: CompletePolicy, attempt: number): number =>
  Math.min(maxDelayMs, firstDelayMs * factor ** (attempt - 1));

const findDelay = ({ retry }: JudgedJob, { attempt, failure, retryable }: AttemptFailed): number | undefined => {
  if (!retryable) return undefined;
  if (typeof retry === 'function') {
    const delay = retry({ code: failure.code, name: failure.name, message: failure.message }, attempt.number);
    return delay === 'stop' ? undefined : toMilliseconds(delay);
  }
  const policy = completePolicy(retry);
  if (policy.stopOn.some((final) => final === failure.code || final === failure.name)) return undefined;
  return attempt.number >= policy.maxAttempts ? undefined : delayOf(policy, attempt.number);
};

/** A retry function that throws, or answers no duration, fails its own job and no other that is judged with it. */
const describePolicyFailure = ({ name }: JudgedJob, { failure }: AttemptFailed, error: unknown): Failure => ({
  code: 'RETRY_INVALID',
  name: 'StarquakeError',
  message: `The retry of the job "${name}" cannot be judged: ${error instanceof Error ? error.message : String(error)} (the attempt failed with: ${failure.message})`,
});

/**
 * Judges a failed attempt.
 *
 * @param job - with its policy or function
 * @param now - milliseconds since the epoch
 * @example
 * judgeFailure(bookHotel, failed, Date.now()); // { kind: 'retry', delayMs: 1000 }
 */
export const judgeFailure = (job: JudgedJob, failed: AttemptFailed, now: number): RetryVerdict => {
  let delayMs: number | undefined;
  try {
    delayMs = findDelay(job, failed);
  } catch (error) {
    return { kind: 'fail', failure: describePolicyFailure(job, failed, error) };
  }
  const { commitAt, totalTimeoutMs } = failed.attempt;
  const inTime = totalTimeoutMs === undefined || now + (delayMs ?? 0) < commitAt + totalTimeoutMs;
  if (delayMs !== undefined && inTime) return { kind: 'retry', delayMs };
  const hold = typeof job.retry !== 'function' && job.retry.exhausted === 'hold';
  return { kind: hold ? 'hold' : 'fail', failure: failed.failure };
};
