// The functions of a deployment, bundled as they are deployed, answer the AWS SDK from processes of their own, by the names of their manifest.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLambdaFunctions, type LambdaFunctions } from '../../src/adapters/lambda/lambda-functions.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { bundleApp, type Bundle } from '../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../src/bundle/bundle-timer.ts';
import type { DecisionInput } from '../../src/protocol/functions.ts';
import { TIMER_FUNCTION } from '../../src/protocol/manifest.ts';
import { makeJobRequest } from '../support/job-request.ts';
import { startLambda, type LambdaStandIn } from '../support/lambda/start-lambda.ts';

const CALL = { timeoutMs: 120_000 };
const prefix = 'starquake-';
const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 5, zone: 'Europe/Paris' };

const input: DecisionInput = {
  run: 'run-1',
  app: 'booking',
  workflow: 'book-trip',
  commitId: 'c1',
  nextNumber: 2,
  decidedUpTo: 0,
  events: [
    {
      type: 'RunStarted',
      number: 1,
      at: 1_000,
      app: 'booking',
      workflow: 'book-trip',
      inputHash: '',
      tags: {},
      requestId: 'q',
      input: { json: trip },
    },
  ],
};

describe('a deployment', { timeout: 150_000 }, () => {
  let folder: string;
  let lambda: LambdaStandIn;
  let functions: LambdaFunctions;
  let bundle: Bundle;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-bundles-'));
    lambda = await startLambda({ prefix });
    bundle = await bundleApp(fileURLToPath(new URL('../../workflows/booking/app.ts', import.meta.url)), {
      outDir: join(folder, 'booking'),
      jobs: 'each',
    });
    lambda.install(bundle);
    lambda.install(await bundleTimer({ outDir: join(folder, 'starquake') }));
    functions = openLambdaFunctions({ clock: systemClock, prefix, client: lambda.client });
  }, 150_000);
  afterAll(async () => {
    functions.close();
    await lambda.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const invoke = async (name: string, request: unknown): Promise<unknown> => {
    const result = await functions.invoke(name, JSON.stringify(request), CALL);
    expect(result.report).toMatchObject({ source: 'report', memoryMb: 256 });
    return result.kind === 'answered' ? JSON.parse(result.payload) : result.failure;
  };

  it('decides', async () => {
    const answer = await invoke(bundle.manifest.decisionFunction, { v: 1, now: 1_000, links: {}, runs: [JSON.stringify(input)] });
    const { runs } = answer as { readonly runs: readonly string[] };
    expect(JSON.parse(runs[0] ?? '')).toMatchObject({
      kind: 'decided',
      events: [{}, {}, { type: 'JobScheduled', job: 'process-payment' }],
    });
  });

  it('runs its jobs, each in a function of its own', async () => {
    for (const { name, function: functionName } of bundle.manifest.jobs.slice(0, 2)) {
      const request = makeJobRequest({ name, app: 'booking', input: { json: trip } });
      expect(await invoke(functionName, request)).toMatchObject({ kind: expect.stringMatching(/^(succeeded|failed)$/) });
    }
  });

  it('judges failures', async () => {
    const { attempt } = makeJobRequest({ name: 'book-flight', app: 'booking' });
    const failure = { code: 'FUNCTION_CRASHED', name: 'Error', message: 'it crashed' };
    const failed = { type: 'AttemptFailed', v: 1, attempt, failure, retryable: true, at: 1_000 };
    const answer = await invoke(bundle.manifest.jobRetryFunction, { v: 1, now: 1_000, failures: [failed] });
    expect(answer).toMatchObject({ verdicts: [{ kind: 'retry' }] });
  });

  it('has the timer function beside it', async () => {
    expect(await invoke(TIMER_FUNCTION, { v: 1, now: 1_000, dues: [] })).toEqual({ fire: [], early: [] });
  });

  it('is known to the log of what stands in for Lambda, invocation by invocation', async () => {
    const { report } = await functions.invoke(TIMER_FUNCTION, JSON.stringify({ v: 1, now: 0, dues: [] }), CALL);
    const logged = lambda.listInvocations();
    expect(logged.at(-1)).toEqual({
      requestId: report.requestId,
      functionName: 'starquake-starquake_timer',
      outcome: 'answered',
      delivered: true,
    });
    expect(new Set(logged.map(({ requestId }) => requestId)).size).toBe(logged.length);
  });
});
