// Inputs and outputs of jobs and workflows that cannot be: the run fails with a code that says where, and nothing else suffers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAYLOAD_LIMIT_BYTES } from '../../src/protocol/limits.ts';
import { complete, expectOthersGoOn, startBadEngine, type BadEngine } from './bad-engine.ts';

let bad: BadEngine;
beforeAll(async () => void (bad = await startBadEngine()), 30_000);
afterAll(() => bad.stop());

/** How a job failed, as the history has it. */
const failJob = async (name: string, input?: unknown): Promise<{ readonly failure: unknown; readonly attempts: unknown }> => {
  const run = await complete(bad, 'running', { name, input });
  expect(run).toMatchObject({ status: 'failed' });
  const { history = [] } = await bad.client.show(run.runId, { history: true });
  const failed = history.find(({ type }) => type === 'JobFailed');
  return { failure: failed?.['failure'], attempts: failed?.['attempts'] };
};

describe('a job', { timeout: 60_000 }, () => {
  it.each([
    ['strictJob', 'seven', 'INPUT_INVALID', /input of the job "strict-job".*number/],
    ['misfitJob', 7, 'OUTPUT_INVALID', /output of the job "misfit-job".*string/],
    ['answeringMap', undefined, 'OUTPUT_NOT_JSON', /"answering-map".*Map under "seats"/],
    ['answeringBigint', undefined, 'OUTPUT_NOT_JSON', /"answering-bigint".*bigint/],
    ['growing', PAYLOAD_LIMIT_BYTES, 'PAYLOAD_TOO_LARGE', /"growing" is 33554434 bytes.*limit is 33554432/],
  ])('%s with %j fails at its first attempt with %s', async (name, input, code, message) => {
    expect(await failJob(name, input)).toMatchObject({ failure: { code, message: expect.stringMatching(message) }, attempts: 1 });
    await expectOthersGoOn(bad);
  });

  it('that throws a string fails with what it threw', async () => {
    expect(await failJob('throwingString')).toMatchObject({ failure: { code: 'JOB_THREW', message: 'just a string' } });
    await expectOthersGoOn(bad);
  });

  it('that the app does not list fails the run, unless its code catches that', async () => {
    expect(await complete(bad, 'running', { name: 'unlisted' })).toMatchObject({
      status: 'failed',
      failure: { code: 'JOB_UNKNOWN', message: expect.stringMatching(/"bad" lists no job "unlisted"; add it to app\(\{ jobs \}\)/) },
    });
    expect(await complete(bad, 'catching')).toMatchObject({ status: 'completed', output: 'JOB_UNKNOWN' });
    await expectOthersGoOn(bad);
  });
});

describe('a workflow', { timeout: 60_000 }, () => {
  it.each([
    ['strict-output', 'seven', 'OUTPUT_INVALID', /output of the workflow "strict-output".*number/],
    ['answering', 'map', 'OUTPUT_NOT_JSON', /output of the workflow "answering".*Map under "of"/],
    ['answering', 'function', 'OUTPUT_NOT_JSON', /function under "of"/],
    ['answering', 'bigint', 'OUTPUT_NOT_JSON', /bigint as a whole/],
    ['answering', 'circle', 'OUTPUT_NOT_JSON', /circular/],
    ['answering', PAYLOAD_LIMIT_BYTES / 2, 'PAYLOAD_TOO_LARGE', /output of the workflow "answering" is over the limit of 33554432 bytes/],
  ])('%s with %j fails with %s', async (name, input, code, message) => {
    expect(await complete(bad, name, input)).toMatchObject({
      status: 'failed',
      failure: { code, message: expect.stringMatching(message) },
    });
    await expectOthersGoOn(bad);
  });
});

describe('a value at the limit', { timeout: 60_000 }, () => {
  const most = PAYLOAD_LIMIT_BYTES - 2;

  it('is taken as an output of a job and of a workflow', async () => {
    const run = await complete(bad, 'running', { name: 'growing', input: most });
    expect(run).toMatchObject({ status: 'completed' });
    expect(String(run.output).length).toBe(most);
  });

  it('is taken over HTTP; one byte more is refused, and leaves no run', async () => {
    const start = (length: number) =>
      bad.client.start({ app: 'bad', name: 'strict-output' }, 'x'.repeat(length), { runId: `long-${length}` });
    await start(most);
    expect(await bad.client.await(`long-${most}`)).toMatchObject({ failure: { code: 'OUTPUT_INVALID' } });
    await expect(start(most + 1)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining(`${PAYLOAD_LIMIT_BYTES + 1} bytes`),
      hint: expect.stringContaining('reference'),
    });
    await expect(bad.client.show(`long-${most + 1}`)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await expect(start(most * 2)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expectOthersGoOn(bad);
  });
});
