// Proves that what is deployed stays small: nothing comes along that nobody asked for, the AWS SDK least of all.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleApp, type BundledFunction } from '../../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../../src/bundle/bundle-timer.ts';

const booking = fileURLToPath(new URL('../../../workflows/booking/app.ts', import.meta.url));

/** A little above what they are, in kilobytes of minified code: a library that slips in weighs more. */
const LIMITS_KB: Readonly<Record<BundledFunction['kind'], number>> = { decision: 168, 'job-retry': 10, job: 18, timer: 2 };

/** What no code is without that speaks to AWS. */
const TRACES = ['@aws-sdk', '@smithy', 'aws4_request', 'amz-sdk', 'x-amz-'];

const findTraces = (text: string): readonly string[] => TRACES.filter((trace) => text.toLowerCase().includes(trace));

const writeSdkApp = (sdk: string): string => `
  import { SSMClient } from ${JSON.stringify(sdk)};
  import { app, job, workflow } from 'starquake';
  const ask = job({ name: 'ask', run: async () => String(await new SSMClient({}).config.region()) });
  const save = job({ name: 'save', run: async () => 'saved' });
  const main = workflow({ name: 'main', run: async (_, flow) => [await flow.run(ask), await flow.run(save)] });
  export default app({ name: 'asking', workflows: [main], jobs: [ask, save] });`;

describe('the functions of a deployment', () => {
  let folder: string;
  let deployed: readonly { readonly name: string; readonly kind: BundledFunction['kind']; readonly text: string }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-deployed-'));
    const app = await bundleApp(booking, { outDir: join(folder, 'booking'), jobs: 'each', minify: true, deployment: 'd1' });
    const timer = await bundleTimer({ outDir: join(folder, 'starquake'), minify: true });
    deployed = await Promise.all(
      [...app.functions, ...timer.functions].map(async ({ name, kind, file }) => ({ name, kind, text: await readFile(file, 'utf8') })),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are a decision, a job-retry, one for each job, and the timer', () => {
    expect(deployed.map(({ kind }) => kind)).toEqual(['decision', 'job-retry', ...Array.from({ length: 6 }, () => 'job'), 'timer']);
  });

  it('are small files', () => {
    const tooLarge = deployed.filter(({ kind, text }) => text.length > LIMITS_KB[kind] * 1000);
    expect(tooLarge.map(({ name, text }) => `${name}: ${text.length}`)).toEqual([]);
  });

  it('have nothing in them that speaks to AWS', () => {
    expect(deployed.map(({ text }) => findTraces(text))).toEqual(deployed.map(() => []));
  });

  it('have the AWS SDK where a job brings it, in that one alone', async () => {
    const entry = join(folder, 'app.ts');
    await writeFile(entry, writeSdkApp(createRequire(import.meta.url).resolve('@aws-sdk/client-ssm')));
    const { functions } = await bundleApp(entry, { outDir: join(folder, 'asking'), jobs: 'each', minify: true, deployment: 'd1' });
    const texts = await Promise.all(functions.map(({ file }) => readFile(file, 'utf8')));
    const speaking = functions.filter((_, index) => findTraces(texts[index] ?? '').length > 0);
    expect(speaking.map(({ name }) => name)).toEqual(['asking.job.ask@d1']);
  });

  it('need no package at run time: all that they import is of Node', () => {
    for (const { text } of deployed) {
      const imported = [...text.matchAll(/(?:\bfrom|\bimport)\s*["']([^"']+)["']/g)].map(([, name = '']) => name);
      expect(imported.filter((name) => !name.startsWith('node:'))).toEqual([]);
    }
  });
});
