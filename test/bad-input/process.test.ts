// What goes wrong around the process: flags, ports, folders and what a crash leaves; each ends with a code and an exit code.
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { runCli, spawnDev, startDev } from '../end-to-end/dev-process.ts';
import { runCommand } from '../unit/cli/fake-terminal.ts';
import { badApp } from './bad-engine.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'starquake-process-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** How a process ends that is refused: with that exit code, what happened and what to do. */
const refusal = (code: number, error: string): object => ({
  code,
  stderr: expect.stringMatching(new RegExp(`^${error}: .+\nhint: .+\n$`, 's')),
});

describe('the command line', { timeout: 30_000 }, () => {
  it.each([
    [['dev', '--sail'], '--sail'],
    [['start', 'bad/hello', '--imput', '1'], '--imput'],
    [['nonsense'], 'nonsense'],
    [['start'], 'app/workflow'],
    [['start', 'hello'], 'app/name'],
    [['dev', '--port', 'x'], '--port'],
    [['dev', 'nowhere.ts'], 'nowhere.ts'],
  ])('%j cannot be understood, and says what it stumbled over', async (words, what) => {
    const outcome = await runCommand(words);
    expect(outcome).toMatchObject(refusal(2, 'SETTINGS_INVALID'));
    expect(outcome.stderr).toContain(what);
    const { code, stdout } = await runCommand([...words, '--json']);
    expect({ code, said: JSON.parse(stdout) }).toEqual({
      code: 2,
      said: { error: { code: 'SETTINGS_INVALID', message: expect.stringContaining(what), hint: expect.stringMatching(/.+/) } },
    });
  });

  it('without a server says so', async () => {
    expect(await runCommand(['list'])).toMatchObject(refusal(3, 'CONNECTION_FAILED'));
  });
});

describe('starquake dev', { timeout: 60_000 }, () => {
  it('on a port in use ends with ADDRESS_IN_USE, and has touched no data', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ended = await runCli(['dev', badApp, '--port', String(port), '--data', join(folder, 'data')]);
    expect(ended).toMatchObject(refusal(1, 'ADDRESS_IN_USE'));
    expect(ended.stderr).toContain(String(port));
    expect(await readdir(folder)).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('on a data folder in use ends with DATA_IN_USE; who has it goes on', async () => {
    const dev = spawnDev([badApp, '--data', folder]);
    const client = createClient({ url: await dev.url, app: 'bad' });
    const ended = await runCli(['dev', badApp, '--port', '0', '--data', folder]);
    expect(ended).toMatchObject(refusal(1, 'DATA_IN_USE'));
    expect(ended.stderr).toContain(String(dev.pid));
    expect(await (await client.start({ app: 'bad', name: 'hello' }, 'you')).result()).toBe('hello you');
    dev.send('SIGTERM');
    expect(await dev.ended).toMatchObject({ code: 0 });
  });

  it('that was killed in the middle of a write cuts the torn record off, says so, and has lost nothing', async () => {
    const before = await startDev([badApp, '--data', folder]);
    await (await createClient({ url: before.url }).start({ app: 'bad', name: 'hello' }, 'you', { runId: 'kept' })).result();
    await before.end('SIGKILL');
    const journal = join(folder, 'journal');
    const last = (await readdir(journal)).toSorted().at(-1) ?? '';
    await appendFile(join(journal, last), Buffer.from('half a record, and then the power we'));

    const after = await startDev([badApp, '--data', folder]);
    const client = createClient({ url: after.url });
    expect(await client.await('kept')).toMatchObject({ status: 'completed', output: 'hello you' });
    expect(await (await client.start({ app: 'bad', name: 'hello' }, 'again')).result()).toBe('hello again');
    const ended = await after.end('SIGTERM');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(new RegExp(`DATA_TORN: .*${last}`));
  });

  it('with an app that does not build ends with BUNDLE_FAILED', async () => {
    await appendFile(join(folder, 'app.ts'), 'export default app({');
    expect(await runCli(['dev', join(folder, 'app.ts'), '--port', '0', '--memory'])).toMatchObject(refusal(1, 'BUNDLE_FAILED'));
  });
});
