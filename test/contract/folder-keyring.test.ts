// Keys in a folder keep the keyring contract, and nobody but their owner reads them.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openFolderKeyring } from '../../src/adapters/keyring-folder/folder-keyring.ts';
import { describeKeyring } from './describe-keyring.ts';
import { CALL } from './harness.ts';

const makeFolder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'starquake-keys-')), 'keys');

describeKeyring('a folder', async () => {
  const folder = await makeFolder();
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { keyring: openFolderKeyring(folder), another: openFolderKeyring(folder), close };
});

describe('keys in a folder', () => {
  it('are files that only their owner may read, and nothing is left beside them', async () => {
    const folder = await makeFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await openFolderKeyring(folder).findKey('acme', CALL);
    expect(await readdir(folder)).toEqual(['acme.key']);
    expect((await stat(join(folder, 'acme.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('one that is cut off is refused, not used', async () => {
    const folder = await makeFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const keyring = openFolderKeyring(folder);
    await keyring.findKey('acme', CALL);
    await writeFile(join(folder, 'acme.key'), 'short');
    await expect(keyring.findKey('acme', CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
