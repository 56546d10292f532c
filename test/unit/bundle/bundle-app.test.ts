// Proves what a deployment consists of: decisions without job code, functions that answer, a manifest that says so, and clear errors.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeVmRealm } from '../../../src/adapters/vm-realm/vm-realm.ts';
import { buildWorkflows } from '../../../src/bundle/build-decision.ts';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import type { BundleOptions } from '../../../src/bundle/bundle-options.ts';

const heavy = fileURLToPath(new URL('../../support/apps/heavy/app.ts', import.meta.url));
const booking = fileURLToPath(new URL('../../../workflows/booking/app.ts', import.meta.url));

let folder: string;

const bundle = (entry: string, options: Partial<BundleOptions> = {}) => bundleApp(entry, { outDir: join(folder, 'out'), ...options });
const write = async (files: Record<string, string>): Promise<string> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return join(folder, 'app.ts');
};
const light = (more = ''): string => `
  import { app, job, workflow } from 'starquake';
  const save = job({ name: 'save', run: async () => 'saved' });
  ${more}
  export default app({ name: 'light', workflows: [workflow({ name: 'main', run: async (_, flow) => flow.run(save) })], jobs: [save] });`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-bundle-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a workflow bundle', () => {
  it('carries the code of workflows and none of jobs, nor what only jobs use', async () => {
    const { text } = await buildWorkflows(heavy, false);
    expect(text).toContain('MARKER-OF-WORKFLOW');
    for (const marker of ['REPORT', 'ARCHIVE', 'CLIENT', 'HELPER', 'SETTINGS']) expect(text).not.toContain(`MARKER-OF-${marker}`);
    expect(text).not.toContain('luxon');
  });

  it('is small: the engine in it takes less than 40 KB', async () => {
    expect((await buildWorkflows(booking, true)).text.length).toBeLessThan(40_000);
  });

  it('carries nothing of what describes its app', async () => {
    const { text } = await buildWorkflows(heavy, false);
    for (const word of ['describeApp', 'writeJsonSchema', 'inputSchema']) expect(text).not.toContain(word);
  });

  it('leaves a runtime in a realm', async () => {
    const { text } = await buildWorkflows(heavy, false);
    const runtime = makeVmRealm().evaluate(text, { findNextOccurrence: () => '0' });
    expect(runtime.open(JSON.stringify({ run: 'r', workflow: 'handle', commitId: 'c', base: 'unknown', events: [] }))).toBe(-1);
  });

  it('keeps an import that is written for its effect', async () => {
    const entry = await write({
      'effect.ts': "globalThis.effect = 'MARKER-OF-EFFECT';",
      'lists.ts':
        "export const used = 'MARKER-OF-USED'; export const unused = open('MARKER-OF-UNUSED'); declare function open(name: string): string;",
      'barrel.ts': "export { used } from './lists.ts'; export { big } from './big.ts';",
      'big.ts': "export const big = open('MARKER-OF-BIG'); declare function open(name: string): string;",
      'app.ts': light("import './effect.ts'; import { used } from './barrel.ts'; (globalThis as { used?: string }).used = used;"),
    });
    const { text } = await buildWorkflows(entry, false);
    expect(text).toContain('MARKER-OF-EFFECT');
    expect(text).toContain('MARKER-OF-USED');
    expect(text).not.toContain('MARKER-OF-BIG');
  });
});

describe('a deployment', () => {
  it('has a manifest that says what the app offers', async () => {
    const { manifest } = await bundle(heavy, { deployment: 'v7', order: 7 });
    const retry = { maxAttempts: 5, firstDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, exhausted: 'fail' };
    expect(manifest).toEqual({
      v: 1,
      app: 'heavy',
      deployment: 'v7',
      order: 7,
      decisionFunction: 'heavy.decision@v7',
      jobRetryFunction: 'heavy.job-retry@v7',
      workflows: [{ name: 'handle' }],
      jobs: [
        { name: 'report', function: 'heavy.jobs@v7', timeoutMs: 5_000, totalTimeoutMs: 60_000, maxConcurrency: 3, memoryMb: 512, retry },
        { name: 'archive', function: 'heavy.jobs@v7', timeoutMs: 30_000, memoryMb: 256, retry },
      ],
      schedules: [{ name: 'nightly', cron: '0 3 * * *', zone: 'Europe/Paris', workflow: 'handle', input: 'all', overlap: 'skip' }],
    });
    expect(JSON.parse(await readFile(join(folder, 'out', 'manifest.json'), 'utf8'))).toEqual(manifest);
  });

  it('says what its workflows, jobs and signals take as JSON Schema, where their library writes it', async () => {
    const { manifest } = await bundle(fileURLToPath(new URL('../../support/apps/schemas/app.ts', import.meta.url)));
    const order = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { id: { type: 'string', minLength: 1 }, amount: { type: 'number', exclusiveMinimum: 0, default: 1 } },
      required: ['id'],
    };
    expect(manifest.workflows).toEqual([
      { name: 'sell', inputSchema: order },
      { name: 'bare' },
      { name: 'of-a-library-that-writes-none' },
      { name: 'beyond-json-schema' },
    ]);
    expect(manifest.jobs.map(({ name, inputSchema }) => ({ name, inputSchema }))).toEqual([
      { name: 'parse', inputSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' } },
      { name: 'bare-job', inputSchema: undefined },
    ]);
    expect(manifest.signals).toEqual([{ name: 'corrected', valueSchema: order }, { name: 'hurry' }]);
  });

  it('says by which policy its jobs are tried again, unless code says so', async () => {
    const entry = await write({
      'app.ts': `
        import { app, job } from 'starquake';
        const run = () => 1;
        const jobs = [
          job({ name: 'stubborn', run, retry: { maxAttempts: Infinity, firstDelay: '2s', factor: 1, maxDelay: '1h', exhausted: 'hold' } }),
          job({ name: 'picky', run, retry: { maxAttempts: 2, stopOn: ['NO_FUNDS'] } }),
          job({ name: 'clever', run, retry: () => 'stop' }),
        ];
        export default app({ name: 'policies', workflows: [], jobs });`,
    });
    const { manifest } = await bundle(entry);
    expect(manifest.jobs.map(({ retry }) => retry)).toEqual([
      { firstDelayMs: 2_000, factor: 1, maxDelayMs: 3_600_000, exhausted: 'hold' },
      { maxAttempts: 2, firstDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, stopOn: ['NO_FUNDS'], exhausted: 'fail' },
      undefined,
    ]);
  });

  it('has functions that a plain import loads and that answer', async () => {
    const { functions } = await bundle(booking);
    const modules = await Promise.all(
      functions.map(({ file }) => import(file) as Promise<{ handler: (request: unknown) => Promise<unknown> }>),
    );
    expect(functions.map(({ kind }) => kind)).toEqual(['decision', 'job-retry', 'job']);
    const answers = [{ runs: [] }, { verdicts: [] }];
    for (const [index, answer] of answers.entries()) {
      expect(await modules[index]?.handler({ v: 1, now: 0, links: {}, runs: [], failures: [] })).toEqual(answer);
    }
  });

  it('may have a function for each job, with the code of that job alone', async () => {
    const { manifest, functions } = await bundle(heavy, { jobs: 'each', deployment: 'v1' });
    expect(manifest.jobs.map((job) => job.function)).toEqual(['heavy.job.report@v1', 'heavy.job.archive@v1']);
    const texts = await Promise.all(functions.filter(({ kind }) => kind === 'job').map(({ file }) => readFile(file, 'utf8')));
    expect(texts.map((text) => text.includes('MARKER-OF-REPORT'))).toEqual([true, false]);
    expect(texts.map((text) => text.includes('MARKER-OF-ARCHIVE'))).toEqual([false, true]);
  });

  it('of the same code has the same name, of other code another one', async () => {
    const first = await bundle(await write({ 'app.ts': light() }));
    const again = await bundle(await write({ 'app.ts': light() }), { outDir: join(folder, 'other') });
    const changed = await bundle(await write({ 'app.ts': light("export const more = 'more';") }));
    expect(again.manifest.deployment).toBe(first.manifest.deployment);
    expect(changed.manifest.deployment).toBe(first.manifest.deployment);
    const other = await bundle(await write({ 'app.ts': light().replace("'saved'", "'stored'") }));
    expect(other.manifest.deployment).not.toBe(first.manifest.deployment);
  });
});

describe('an app that cannot be bundled', () => {
  it.each([
    ['a syntax error', 'const = 1;', 'BUNDLE_FAILED', /app\.ts:1:7: /],
    ['an import of nothing', "import './nowhere.ts';", 'BUNDLE_FAILED', /app\.ts:1:8: .*nowhere/],
    ['no default export', 'export const x = 1;', 'BUNDLE_FAILED', /default/],
    ['another default export', 'export default 1;', 'BUNDLE_FAILED', /does not export an app/],
    ['an error while it loads', "throw new Error('no database'); export default 1;", 'BUNDLE_FAILED', /no database/],
    ['an endless loop while it loads', 'for (;;); export default 1;', 'BUNDLE_FAILED', /timed out/],
    [
      'two workflows of one name',
      light().replace('workflows: [', "workflows: [workflow({ name: 'main', run: async () => 1 }), "),
      'APP_INVALID',
      /main/,
    ],
  ])('for %s says so, and where', async (_, text, code, message) => {
    const entry = await write({ 'app.ts': text });
    await expect(bundle(entry)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('because there is no such file says so', async () => {
    await expect(bundle(join(folder, 'nowhere.ts'))).rejects.toMatchObject({
      code: 'BUNDLE_FAILED',
      message: expect.stringContaining('nowhere.ts'),
    });
  });
});
