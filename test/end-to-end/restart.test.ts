// Stopping and starting again on the same folder: runs go on, and what was is still shown.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { startDev } from './dev-process.ts';

const probe = resolve(import.meta.dirname, '../support/apps/probe/app.ts');

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'starquake-restart-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('an engine that is started again on its folder', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('after %s goes on where it was', async (signal) => {
    const first = await startDev([probe, '--data', folder]);
    const before = createClient({ url: first.url });
    await before.start({ app: 'probe', name: 'approve' }, undefined, { runId: 'approve-1' });
    await before.start({ app: 'probe', name: 'hello' }, 'you', { runId: 'hello-1' });
    await before.await('hello-1');
    const { code } = await first.end(signal);
    expect(code).toBe(signal === 'SIGKILL' ? null : 0);

    const second = await startDev([probe, '--data', folder]);
    try {
      const after = createClient({ url: second.url });
      expect(await after.await('hello-1')).toMatchObject({ status: 'completed', output: 'hello you' });
      await after.signal('approve-1', 'approved', { by: 'ada' });
      expect((await after.await('approve-1')).output).toEqual({ by: 'ada' });
    } finally {
      await second.end('SIGTERM');
    }
  });
});
