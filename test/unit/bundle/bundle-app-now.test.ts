// An app bundled by a process that is waited for is the app bundled as everywhere, and its errors say as much.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import { bundleAppNow } from '../../../src/bundle/bundle-app-now.ts';
import { nameDeployment } from '../../../src/bundle/name-deployment.ts';

const booking = 'workflows/booking/app.ts';

describe('bundling at once', { timeout: 60_000 }, () => {
  let folder: string;

  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'starquake-now-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes what bundling makes, shortened and with one function for each job', async () => {
    const now = bundleAppNow(booking, { outDir: join(folder, 'now') });
    const later = await bundleApp(booking, { outDir: join(folder, 'later'), minify: true, jobs: 'each' });
    expect(now.manifest).toEqual(later.manifest);
    expect(now.functions.map(({ name }) => name)).toEqual(later.functions.map(({ name }) => name));
    for (const [i, { file }] of now.functions.entries())
      expect(await readFile(file, 'utf8')).toBe(await readFile(later.functions[i]?.file ?? '', 'utf8'));
  });

  it('says where the source is wrong', async () => {
    const entry = join(folder, 'app.ts');
    await writeFile(entry, "import { app } from 'starquake';\nexport default app({ name: 'x' workflows: [] });\n");
    expect(() => bundleAppNow(entry, { outDir: join(folder, 'out') })).toThrow(
      expect.objectContaining({ code: 'BUNDLE_FAILED', message: expect.stringMatching(/app\.ts:2:\d+/), hint: expect.any(String) }),
    );
  });

  it("passes the app's own faults on under their codes", async () => {
    const entry = join(folder, 'app.ts');
    await writeFile(entry, "import { app } from 'starquake';\nexport default app({ name: 'Not Kebab', workflows: [] });\n");
    expect(() => bundleAppNow(entry, { outDir: join(folder, 'out') })).toThrow(expect.objectContaining({ code: 'APP_INVALID' }));
  });
});

describe('naming a deployment', { timeout: 60_000 }, () => {
  it("renames the app's own functions, and nobody else's", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-name-'));
    try {
      const entry = join(folder, 'app.ts');
      await writeFile(
        entry,
        `import { app, job, workflow } from 'starquake';
        const jobs = [job({ name: 'own', run: () => 1 }), job<string, string>({ name: 'resize', function: 'resize-images:live' })];
        export default app({ name: 'shop', workflows: [workflow({ name: 'w', run: async () => 1 })], jobs });`,
      );
      const bundle = await bundleApp(entry, { outDir: join(folder, 'out'), jobs: 'each', order: 1 });
      const { manifest, functions } = nameDeployment(bundle, { deployment: '12', order: 12 });
      expect(manifest).toMatchObject({
        deployment: '12',
        order: 12,
        decisionFunction: 'shop.decision@12',
        jobRetryFunction: 'shop.job-retry@12',
      });
      expect(manifest.jobs.map((job) => job.function)).toEqual(['shop.job.own@12', 'resize-images:live']);
      expect(functions.map(({ name }) => name)).toEqual(['shop.decision@12', 'shop.job-retry@12', 'shop.job.own@12']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
