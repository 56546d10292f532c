// An engine with keys: nothing that it keeps can be read without them, and what belongs to a tenant is gone with the tenant's key.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type Api } from '../../src/api/start-api.ts';
import { composeEngine, type Engine } from '../../src/cli/compose.ts';
import { createClient, type Client } from '../../src/client/index.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { runCli } from './dev-process.ts';

const SECRET = 'Zyzzogeton';
const ENTRY = 'test/support/apps/keeper/app.ts';
const workflow = { app: 'keeper', name: 'keep' };

describe('an engine with keys', { timeout: 60_000 }, () => {
  const reports: unknown[] = [];
  let folder: string;
  let keys: string;
  let engine: Engine;
  let api: Api;
  let client: Client;

  const start = async (withKeys = true): Promise<void> => {
    engine = await composeEngine({
      entries: [ENTRY],
      folder,
      watch: false,
      report: (error) => void reports.push(error),
      ...(withKeys && { keys: { kind: 'folder', folder: keys } }),
    });
    api = await startApi(engine.ports, engine.projection, { port: 0 });
    client = createClient({ url: api.url, app: 'keeper' });
  };

  const stop = async (): Promise<void> => {
    await api.close();
    await engine.stop();
  };

  const untilItWaits = async (run: string): Promise<void> => {
    await expect.poll(async () => JSON.stringify(await client.show(run)), { timeout: 20_000 }).toContain(`waiting for ${SECRET}`);
  };

  /** Files below the data folder that hold the secret; the bundles are code, and have none. */
  const findLeaks = async (): Promise<readonly string[]> => {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const leaks: string[] = [];
    for (const file of files.filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name);
      if ((await readFile(path)).includes(SECRET)) leaks.push(path);
    }
    return leaks;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-sealed-'));
    keys = await mkdtemp(join(tmpdir(), 'starquake-keys-'));
    await start();
  }, 60_000);

  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
    await rm(keys, { recursive: true, force: true });
  });

  it('runs of tenants go their way, and no file holds a word of their values', async () => {
    for (const run of ['acme~one', 'acme~two', 'zeta~one', 'plain-one']) await client.start(workflow, SECRET, { runId: run });
    for (const run of ['acme~one', 'acme~two', 'zeta~one', 'plain-one']) await untilItWaits(run);
    await client.signal('acme~one', 'told', SECRET);
    const { output } = await client.await('acme~one');
    expect(output).toMatchObject({ secret: SECRET, answer: SECRET, length: 220_000 });
    expect(await findLeaks()).toEqual([]);
  });

  it('large values pass between a run and its children, those of another tenant too', async () => {
    await client.start({ app: 'keeper', name: 'entrust' }, SECRET, { runId: 'acme~entrusts' });
    expect((await client.await('acme~entrusts')).output).toEqual([110_000, 110_000, 110_000, 110_000]);
    expect(await findLeaks()).toEqual([]);
  });

  it('an engine without keys leaves sealed runs and messages alone, and says so; nothing is lost', async () => {
    await client.signal('plain-one', 'told', SECRET);
    await stop();
    await start(false);
    await expect
      .poll(() => reports.some((error) => error instanceof StarquakeError && error.code === 'KEYS_MISSING'), { timeout: 20_000 })
      .toBe(true);
    await stop();
    await start();
    expect((await client.await('plain-one')).output).toMatchObject({ secret: SECRET, answer: SECRET });
  });

  it("once the key of a tenant is erased its runs are nobody's any more, and those of others go on", async () => {
    const erased = await runCli(['keys', 'erase', 'acme', '--keys', `file:${keys}`, '--yes', '--json']);
    expect(erased).toMatchObject({ code: 0, stdout: expect.stringContaining('"erased":true') as string });
    await stop();
    await start();
    await expect(client.show('acme~one')).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await expect(client.start(workflow, SECRET, { runId: 'acme~three' })).rejects.toMatchObject({ code: 'TENANT_ERASED' });
    await expect(client.signal('acme~two', 'told', SECRET)).rejects.toMatchObject({ code: 'TENANT_ERASED' });
    await client.signal('zeta~one', 'told', SECRET);
    expect((await client.await('zeta~one')).output).toMatchObject({ secret: SECRET, answer: SECRET });
    expect(await findLeaks()).toEqual([]);
  });

  it('a key is only erased when that is meant', async () => {
    expect(await runCli(['keys', 'erase', 'zeta', '--keys', `file:${keys}`])).toMatchObject({ code: 4 });
    expect((await client.show('zeta~one')).status).toBe('completed');
  });
});
