// A job may be somebody's own function: it is named in the manifest, is given the input and answers the output.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from 'starquake/testing';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import { makeThumbnail } from '../../support/apps/foreign/app.ts';

const entry = 'test/support/apps/foreign/app.ts';

describe("a job that is somebody's own function", () => {
  let engine: TestEngine | undefined;
  afterEach(() => engine?.close());

  it('is given the input alone, and answers the output alone', async () => {
    const resize = ({ image }: { readonly image: string }) => ({ small: `small ${image}` });
    engine = await openTestEngine({ entry, jobs: { resize } });
    const run = await engine.start(makeThumbnail, { image: 'moon' });
    expect(await run.result()).toBe('small moon');
  });

  it('is named in the manifest, and no function is made for it', async () => {
    const outDir = await mkdtemp(join(tmpdir(), 'starquake-foreign-'));
    const { manifest, functions } = await bundleApp(entry, { outDir, deployment: 'd1', jobs: 'each' });
    await rm(outDir, { recursive: true });
    const retry = { maxAttempts: 5, firstDelayMs: 1000, factor: 2, maxDelayMs: 60_000, exhausted: 'fail' };
    const resize = { name: 'resize', function: 'resize-images:live', plain: true, timeoutMs: 30_000, memoryMb: 256, retry };
    expect(manifest.jobs).toEqual([resize]);
    expect(functions.map(({ kind }) => kind)).toEqual(['decision', 'job-retry']);
  });
});
