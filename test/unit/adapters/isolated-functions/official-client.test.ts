// Proves where AWS's own runtime client is looked for, and what a function's code looks like to it.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOfficialClient, makeTaskRoot } from '../../../../src/adapters/isolated-functions/official-client.ts';

let folder: string;

/** Installs what the package is made of; its addon is what compiling leaves behind. */
const install = async (place: string, files: readonly string[]): Promise<string> => {
  const home = join(folder, place, 'node_modules', 'aws-lambda-ric');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'aws-lambda-ric', type: 'module', main: 'index.mjs' }));
  for (const name of ['index.mjs', ...files]) await writeFile(join(home, name), '');
  return join(home, 'index.mjs');
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-client-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe("AWS's own runtime client", () => {
  it('is found from the first folder that has it', async () => {
    await mkdir(join(folder, 'without'));
    const first = await install('first', ['rapid-client.node']);
    await install('second', ['rapid-client.node']);
    expect(findOfficialClient(['without', 'first', 'second'].map((place) => join(folder, place)))).toBe(first);
  });

  it('is found from folders within', async () => {
    const home = await install('app', ['rapid-client.node']);
    expect(findOfficialClient([join(folder, 'app', 'workflows', 'booking')])).toBe(home);
  });

  it('is not there without its package, nor where that was not compiled', async () => {
    await install('uncompiled', []);
    expect(findOfficialClient([folder, join(folder, 'uncompiled')])).toBeUndefined();
    // As `dev app.ts` names the folder of its app.
    expect(findOfficialClient(['.'])).toBeUndefined();
  });

  it("is given a folder with the handler of a function's file, whatever that is called", async () => {
    const file = join(folder, 'job.book-flight.mjs');
    await writeFile(file, "export const handler = () => 'booked';");
    const root = makeTaskRoot(file);
    const { handler }: { handler: () => string } = await import(pathToFileURL(join(root.folder, 'index.mjs')).href);
    expect(handler()).toBe('booked');
    root.remove();
    await expect(readdir(root.folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
