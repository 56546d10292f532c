// Proves that the four entry points answer what they are asked, and refuse what a newer release asks.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDecisionHandler } from '../../../lambdas/decision.ts';
import { createJobRetryHandler } from '../../../lambdas/job-retry.ts';
import { createJobHandler } from '../../../lambdas/job.ts';
import { handler as timer } from '../../../lambdas/timer.ts';
import { buildWorkflows } from '../../../src/bundle/build-decision.ts';
import type { DecisionInput } from '../../../src/protocol/functions.ts';
import { INLINE_LIMIT_BYTES } from '../../../src/protocol/limits.ts';
import { app } from '../../../src/sdk/app.ts';
import { job } from '../../../src/sdk/job.ts';
import { makeJobRequest } from '../../support/job-request.ts';

const readJson = (text: string): unknown => JSON.parse(text);
const newer = { v: 1_000, now: 0, links: {}, runs: [], dues: [], failures: [] };

describe('the decision function', () => {
  let workflows: string;
  beforeAll(async () => {
    workflows = (await buildWorkflows(fileURLToPath(new URL('../../../workflows/booking/app.ts', import.meta.url)), false)).text;
  });

  const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 5, zone: 'Europe/Paris' };
  const started = {
    type: 'RunStarted',
    number: 1,
    at: 1_000,
    app: 'booking',
    workflow: 'book-trip',
    inputHash: '',
    tags: {},
    requestId: 'q',
  } as const;
  const input: DecisionInput = {
    run: 'run-1',
    app: 'booking',
    workflow: 'book-trip',
    commitId: 'c1',
    nextNumber: 2,
    decidedUpTo: 0,
    events: [{ ...started, input: { json: trip } }],
  };

  it('answers what a new run asks for', async () => {
    const handler = createDecisionHandler(workflows);
    const answer = await handler({ v: 1, now: 1_000, links: {}, runs: [JSON.stringify(input)] });
    const [decision] = answer.runs.map(readJson);
    expect(decision).toMatchObject({
      kind: 'decided',
      events: [{ type: 'TagsSet' }, { type: 'StatusSet' }, { type: 'JobScheduled', job: 'process-payment', input: { json: trip } }],
    });
  });

  it('reads a linked input before the workflow does', async () => {
    const sha256 = createHash('sha256').update(JSON.stringify(trip)).digest('hex');
    const linked = { ...input, events: [{ ...started, input: { link: { sha256, bytes: 5 } } }] };
    const request = {
      v: 1,
      now: 0,
      links: { [sha256]: `data:,${encodeURIComponent(JSON.stringify(trip))}` },
      grant: { url: 'memory:', fields: {} },
      runs: [JSON.stringify(linked)],
    };
    const answer = await createDecisionHandler(workflows)(request);
    expect(answer.runs.map(readJson)).toMatchObject([{ kind: 'decided', events: [{}, {}, { input: { json: trip } }] }]);
  });

  it('refuses a request of a newer release', async () => {
    await expect(createDecisionHandler(workflows)(newer)).rejects.toMatchObject({ code: 'UPGRADE_ME' });
  });
});

describe('the function of jobs', () => {
  const big = 'x'.repeat(INLINE_LIMIT_BYTES);
  const handler = createJobHandler(
    app({
      name: 'app',
      workflows: [],
      jobs: [job({ name: 'save', run: (text: string) => `saved ${text}` }), job({ name: 'grow', run: () => big })],
    }),
  );

  it('runs the job that the attempt names, on its input', async () => {
    expect(await handler(makeJobRequest())).toEqual({ kind: 'succeeded', output: { json: 'saved input' } });
    expect(await handler(makeJobRequest({ input: {} }))).toEqual({ kind: 'succeeded', output: { json: 'saved undefined' } });
  });

  it('reads a linked input, and puts a large output where it is granted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-grant-'));
    const sha256 = createHash('sha256').update('"far"').digest('hex');
    const read = await handler(makeJobRequest({ input: { link: { sha256, bytes: 5 } } }, { links: { [sha256]: 'data:,"far"' } }));
    expect(read).toEqual({ kind: 'succeeded', output: { json: 'saved far' } });
    const put = await handler(makeJobRequest({ name: 'grow' }, { grant: { url: pathToFileURL(folder).href, fields: {} } }));
    const link = put.kind === 'succeeded' && 'link' in put.output ? put.output.link : undefined;
    expect(JSON.parse(await readFile(join(folder, link?.sha256 ?? ''), 'utf8'))).toBe(big);
    await rm(folder, { recursive: true });
  });

  it('refuses a request of a newer release', async () => {
    await expect(handler(makeJobRequest({}, { v: 1_000 }))).rejects.toMatchObject({ code: 'UPGRADE_ME' });
  });
});

describe('the job-retry function', () => {
  const handler = createJobRetryHandler(
    app({ name: 'app', workflows: [], jobs: [job({ name: 'save', retry: { maxAttempts: 2, firstDelay: '3s' }, run: () => 1 })] }),
  );
  const failed = (name: string, number: number) => {
    const { attempt } = makeJobRequest({ name, number });
    return {
      type: 'AttemptFailed' as const,
      v: 1,
      attempt,
      failure: { code: 'X', name: 'X', message: 'no' },
      retryable: true,
      failedAt: 0,
    };
  };

  it('judges each failure by the policy of its job, in order', async () => {
    const { verdicts } = await handler({ v: 1, now: 0, failures: [failed('save', 2), failed('save', 1), failed('nobody', 1)] });
    expect(verdicts).toMatchObject([{ kind: 'fail' }, { kind: 'retry', delayMs: 3_000 }, { kind: 'fail', failure: { code: 'X' } }]);
  });

  it('refuses a request of a newer release', async () => {
    await expect(handler(newer)).rejects.toMatchObject({ code: 'UPGRADE_ME' });
  });
});

describe('the timer function', () => {
  const due = (dueAt: number) => ({ type: 'Due' as const, v: 1, dueAt, topic: 'inbox', key: 'k', id: 'i', message: '' });

  it('says what to publish now, and what came early', async () => {
    expect(await timer({ v: 1, now: 10, dues: [due(11), due(10), due(9)] })).toEqual({ fire: [1, 2], early: [0] });
  });

  it('refuses a request of a newer release', async () => {
    await expect(timer(newer)).rejects.toMatchObject({ code: 'UPGRADE_ME' });
  });
});
