// Makes requests of job functions for tests.
import type { JobRequest } from '../../src/protocol/functions.ts';
import type { Attempt } from '../../src/protocol/messages.ts';

/** A request for the first attempt of a job; what a test is about is given. */
export const makeJobRequest = (attempt: Partial<Attempt> = {}, rest: Partial<JobRequest> = {}): JobRequest => ({
  v: 1,
  idempotencyKey: 'key-of-the-job',
  token: 'token-of-the-job',
  links: {},
  ...rest,
  attempt: {
    type: 'Attempt',
    v: 1,
    run: 'run-1',
    epoch: 0,
    app: 'app',
    workflow: 'main',
    job: 2,
    name: 'save',
    generation: 1,
    number: 1,
    keyGeneration: 1,
    deployment: 'v1',
    input: { json: 'input' },
    timeoutMs: 10_000,
    commitAt: 0,
    tags: {},
    ...attempt,
  },
});
