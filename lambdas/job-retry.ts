// The job-retry function of an app: failed attempts in, what becomes of each out, by the policies that the author wrote.
import { judgeFailure } from '../src/engine/retry-policy.ts';
import type { JobRetryAnswer, JobRetryRequest, RetryVerdict } from '../src/protocol/functions.ts';
import type { AttemptFailed } from '../src/protocol/messages.ts';
import type { App } from '../src/sdk/app.ts';
import { checkVersion } from './check-version.ts';
import { tellCode } from './tell-code.ts';

/**
 * Makes the handler of an app's job-retry function.
 *
 * @throws UPGRADE_ME, from the handler, for a request of a newer release
 */
export const createJobRetryHandler = (app: App): ((request: JobRetryRequest) => Promise<JobRetryAnswer>) => {
  const jobs = new Map(app.jobs.map((job) => [job.name, job]));
  const judge = (failed: AttemptFailed, now: number): RetryVerdict => {
    const job = jobs.get(failed.attempt.name);
    return job === undefined ? { kind: 'fail', failure: failed.failure } : judgeFailure(job, failed, now);
  };
  return tellCode(async (request) => {
    checkVersion(request);
    return { verdicts: request.failures.map((failed) => judge(failed, request.now)) };
  });
};
