// Runs one attempt of an author's job: checked input in, checked output or a failure that travels out, never later than its timeout.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { JobAnswer, JobRequest } from '../../protocol/functions.ts';
import { deriveAttemptSpanId, writeTraceparent } from '../../protocol/trace-context.ts';
import { toMilliseconds } from '../../sdk/duration.ts';
import type { AnyJob, AttemptContext, Later } from '../../sdk/job.ts';
import { checkJson } from './check-json.ts';
import { checkSchema } from './check-schema.ts';
import { describeThrown } from './describe-thrown.ts';

const LATER_TIMEOUT_MS = 7 * 86_400_000;

/** Codes and names of errors that another attempt would meet again. */
const final = new Set(['NotRetryableError', 'INPUT_INVALID', 'OUTPUT_INVALID', 'OUTPUT_NOT_JSON', 'PAYLOAD_TOO_LARGE', 'JOB_UNKNOWN']);

/**
 * Runs an attempt; its input is inline already. Never rejects: what the job throws is the answer.
 *
 * @param job - undefined if the app has none of that name
 */
export const runAttempt = async (job: AnyJob | undefined, request: JobRequest, input: unknown): Promise<JobAnswer> => {
  const { name, timeoutMs } = request.attempt;
  const abort = new AbortController();
  const timedOut = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new StarquakeError('ATTEMPT_TIMED_OUT', `The attempt of the job "${name}" took longer than ${timeoutMs} ms.`);
    timedOut.reject(error);
    abort.abort(error);
  }, timeoutMs);
  try {
    if (job === undefined) throw new StarquakeError('JOB_UNKNOWN', `The app has no job named "${name}".`);
    return await Promise.race([attempt(job, request, input, abort.signal), timedOut.promise]);
  } catch (error) {
    const failure = describeThrown(error);
    return {
      kind: 'failed',
      failure,
      retryable: !final.has(failure.name === 'NotRetryableError' ? failure.name : isOurs(error) ? failure.code : ''),
    };
  } finally {
    clearTimeout(timer);
  }
};

/** An author's own code may happen to be one of ours, and means nothing then. */
const isOurs = (error: unknown): boolean => error instanceof StarquakeError;

const attempt = async (job: AnyJob, request: JobRequest, input: unknown, signal: AbortSignal): Promise<JobAnswer> => {
  const { context, findLater } = makeContext(request, signal);
  const checked = await checkSchema(job.input, input, 'INPUT_INVALID', `The input of the job "${job.name}"`);
  const returned: unknown = await Reflect.apply(job.run, job, [checked, context]);
  const timeoutMs = findLater(returned);
  if (timeoutMs !== undefined) return { kind: 'later', timeoutMs };
  const output = await checkSchema(job.output, returned, 'OUTPUT_INVALID', `The output of the job "${job.name}"`);
  if (output === undefined) return { kind: 'succeeded', output: {} };
  checkJson(job.name, output);
  return { kind: 'succeeded', output: { json: output } };
};

const makeContext = (
  { attempt, idempotencyKey, token }: JobRequest,
  signal: AbortSignal,
): { context: AttemptContext; findLater: (value: unknown) => number | undefined } => {
  const promised = new Map<unknown, number>();
  const context: AttemptContext = {
    runId: attempt.run,
    job: attempt.name,
    number: attempt.number,
    idempotencyKey,
    traceparent: writeTraceparent(attempt.run, deriveAttemptSpanId(attempt), attempt.traceparent),
    signal,
    completeLater: ({ timeout = LATER_TIMEOUT_MS } = {}) => {
      const later = { token } as Later;
      promised.set(later, toMilliseconds(timeout));
      return later;
    },
  };
  return { context, findLater: (value) => promised.get(value) };
};
