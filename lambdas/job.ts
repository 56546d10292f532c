// The function of an author's jobs: one attempt in, its output or failure out.
import { runAttempt } from '../src/adapters/job-code/run-attempt.ts';
import { putPayload } from '../src/adapters/payload-transfer/put-payload.ts';
import { readPayload } from '../src/adapters/payload-transfer/read-payload.ts';
import type { JobAnswer, JobRequest } from '../src/protocol/functions.ts';
import type { App } from '../src/sdk/app.ts';
import { checkVersion } from './check-version.ts';
import { tellCode } from './tell-code.ts';

/**
 * Makes the handler of the function that runs an app's jobs.
 *
 * @throws UPGRADE_ME, from the handler, for a request of a newer release; PAYLOAD_MISSING, STORE_FAILED
 */
export const createJobHandler = (app: App): ((request: JobRequest) => Promise<JobAnswer>) => {
  const jobs = new Map(app.jobs.map((job) => [job.name, job]));
  return tellCode(async (request) => {
    checkVersion(request);
    const input = await readPayload(request.attempt.input, request.links);
    const answer = await runAttempt(jobs.get(request.attempt.name), request, 'json' in input ? input.json : undefined);
    return answer.kind === 'succeeded' ? { ...answer, output: await putPayload(answer.output, request.grant) } : answer;
  });
};
