// `starquake new` writes a repository once, and never over anything.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import { runCommand } from './fake-terminal.ts';

describe('new', () => {
  let folder: string;

  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'starquake-new-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const read = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');

  it('writes a workflow, a job, a test, a stack and what tools need, and says how to go on', async () => {
    const { code, stdout, stderr } = await runCommand(['new', join(folder, 'Flower Shop')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('The app "flower-shop" is in');
    expect(stdout).toContain('npm install');
    const files = await readdir(join(folder, 'Flower Shop'), { recursive: true });
    for (const path of [
      'package.json',
      'tsconfig.json',
      'cdk.json',
      '.gitignore',
      'README.md',
      'src/app.ts',
      'lib/app-stack.ts',
      'bin/main.ts',
    ])
      expect(files).toContain(path);
  });

  it('names the versions that this release was tested with', async () => {
    await runCommand(['new', join(folder, 'shop')]);
    const packageSchema = z.object({ version: z.string(), type: z.string(), devDependencies: z.record(z.string(), z.string()) });
    const own = packageSchema.parse(JSON.parse(await readFile('package.json', 'utf8')));
    const made: unknown = JSON.parse(await read('shop/package.json'));
    expect(own.devDependencies).toMatchObject(packageSchema.parse(made).devDependencies);
    expect(made).toMatchObject({ name: 'shop', type: 'module', dependencies: { starquake: own.version } });
  });

  it('makes an app that bundles, with its workflow and its job', async () => {
    await runCommand(['new', join(folder, 'shop')]);
    const { manifest } = await bundleApp(join(folder, 'shop/src/app.ts'), { outDir: join(folder, 'out') });
    expect(manifest).toMatchObject({ app: 'shop', workflows: [{ name: 'welcome-customer' }], jobs: [{ name: 'send-mail' }] });
  });

  it('takes the name of the app, the engine to join and where starquake comes from', async () => {
    const more = ['--name', 'flowers', '--engine', 'acme', '--starquake', 'file:../starquake.tgz'];
    const { stdout } = await runCommand(['new', join(folder, 'shop'), ...more, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ app: 'flowers', files: expect.arrayContaining(['src/app.ts']) });
    expect(await read('shop/lib/app-stack.ts')).toContain("engine: { name: 'acme' }");
    expect(await read('shop/src/app.ts')).toContain("name: 'flowers'");
    expect(JSON.parse(await read('shop/package.json'))).toMatchObject({ dependencies: { starquake: 'file:../starquake.tgz' } });
  });

  it('takes an empty folder, also one that git knows already', async () => {
    await mkdir(join(folder, 'shop/.git'), { recursive: true });
    expect(await runCommand(['new', join(folder, 'shop')])).toMatchObject({ code: 0 });
  });

  it('writes nothing where there is something', async () => {
    await writeFile(join(folder, 'letter.txt'), 'Dear Ada');
    const { code, stderr } = await runCommand(['new', folder, '--name', 'shop']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^SETTINGS_INVALID: .*is not empty: "letter.txt" is in it/);
    expect(await readdir(folder)).toEqual(['letter.txt']);
  });

  it('writes nothing in the place of a file', async () => {
    await writeFile(join(folder, 'letter'), 'Dear Ada');
    expect(await runCommand(['new', join(folder, 'letter')])).toMatchObject({ code: 2 });
    expect(await read('letter')).toBe('Dear Ada');
  });

  it.each([
    ['--name', 'Flower Shop'],
    ['--name', 'a.b'],
    ['--engine', "x' + y"],
  ])('refuses what is no name: %s %s', async (option, name) => {
    expect(await runCommand(['new', join(folder, 'shop'), option, name])).toMatchObject({ code: 1, stdout: '' });
    expect(await readdir(folder)).toEqual([]);
  });
});
