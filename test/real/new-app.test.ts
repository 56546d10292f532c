// What `starquake new` makes stands on its own: installed from a packed tarball it runs, passes its test and synthesizes.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const repository = resolve(import.meta.dirname, '../..');
/** All of it runs on the Node that runs this test, whatever the machine has. */
const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  NODE_OPTIONS: '',
  FORCE_COLOR: '0',
};

const run = async (cwd: string, command: string, ...words: readonly string[]): Promise<string> => {
  try {
    return (await promisify(execFile)(command, [...words], { cwd, env, timeout: 240_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (cause) {
    const { stdout = '' }: { stdout?: unknown } = Object(cause);
    throw new Error(`${command} ${words.join(' ')} failed: ${String(cause)}\n${String(stdout)}`, { cause });
  }
};

const findMissing = async (): Promise<string> => {
  try {
    await run(repository, 'npm', 'view', 'constructs', 'version', '--fetch-retries=0');
    return '';
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return ': skipped, because npm has no registry here';
  }
};
const missing = await findMissing();

describe.skipIf(missing !== '')(`a new app${missing}`, { timeout: 120_000 }, () => {
  let folder: string;
  let app: string;
  let dev: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-new-'));
    app = join(folder, 'flower-shop');
    await run(repository, 'npm', 'run', 'build');
    const [packed] = z
      .array(z.object({ filename: z.string() }))
      .min(1)
      .parse(JSON.parse(await run(repository, 'npm', 'pack', '--json', '--pack-destination', folder)));
    const starquake = `file:../${packed?.filename ?? ''}`;
    await run(repository, process.execPath, '--conditions=starquake-source', 'src/cli/main.ts', 'new', app, '--starquake', starquake);
    // Without scripts: nothing is compiled or fetched from elsewhere, and nothing of it is needed here.
    await run(app, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
  }, 420_000);
  afterAll(async () => {
    if (dev?.exitCode === null) {
      dev.kill('SIGKILL');
      await once(dev, 'close');
    }
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('passes its own test, and its types hold', async () => {
    expect(await run(app, 'npm', 'test')).toContain('1 passed');
    await run(app, 'npm', 'run', 'types');
  });

  it('runs: the engine comes up, and a run of its workflow completes', async () => {
    const started = spawn(join(app, 'node_modules/.bin/starquake'), ['dev', 'src/app.ts', '--port', '0', '--json'], {
      cwd: app,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    dev = started;
    const [line]: unknown[] = await once(createInterface(started.stdout), 'line');
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(String(line)));
    const input = JSON.stringify({ name: 'Ada', mail: 'ada@example.com', askAfter: 10 });
    const answer = await run(
      app,
      'npx',
      'starquake',
      '--json',
      '--url',
      url,
      'start',
      'flower-shop/welcome-customer',
      '--input',
      input,
      '--wait',
    );
    expect(JSON.parse(answer)).toMatchObject({
      status: 'completed',
      output: { mails: [{ sentTo: 'ada@example.com' }, { sentTo: 'ada@example.com' }] },
    });
    started.kill('SIGTERM');
    expect(await once(started, 'close')).toEqual([0, null]);
  });

  it('synthesizes, and numbers its first deployment', async () => {
    await run(app, 'npm', 'run', 'synth');
    const template = await readFile(join(app, 'cdk.out/flower-shop.template.json'), 'utf8');
    for (const name of ['decision', 'job-retry', 'job_send-mail']) expect(template).toContain(`"starquake-flower-shop_${name}"`);
    const numbers: unknown = JSON.parse(await readFile(join(app, 'starquake.deployments.json'), 'utf8'));
    expect(numbers).toEqual({ 'flower-shop': { order: 1, content: expect.any(String) } });
  });

  it('synthesizes to the same template in another place, with its number frozen', async () => {
    const other = join(folder, 'elsewhere', 'flower-shop');
    await cp(app, other, { recursive: true, filter: (path) => !/(node_modules|cdk\.out|\.starquake)$/.test(path) });
    await symlink(join(app, 'node_modules'), join(other, 'node_modules'));
    await run(other, 'npx', 'cdk', 'synth', '--quiet', '--no-notices', '-c', 'starquake:frozen=true');
    const read = (from: string): Promise<string> => readFile(join(from, 'cdk.out/flower-shop.template.json'), 'utf8');
    expect(await read(other)).toBe(await read(app));
  });

  it('is made by the installed package as it is by its source', async () => {
    const made: unknown = JSON.parse(await run(app, 'npx', 'starquake', 'new', '../flower-stall', '--json'));
    expect(made).toMatchObject({ app: 'flower-stall' });
    expect((await readdir(join(folder, 'flower-stall'))).toSorted()).toEqual(
      ['.gitignore', 'README.md', 'bin', 'cdk.json', 'lib', 'package.json', 'src', 'test', 'tsconfig.json'].toSorted(),
    );
  });

  it('has the platform with it: its stacks synthesize from the installed package', async () => {
    const script = `
      import { App } from 'aws-cdk-lib';
      import { composePlatform, readSettings } from 'starquake/cdk';
      const app = new App({ outdir: 'platform.out' });
      composePlatform(app, readSettings({ name: 'acme', size: 'production' }, {}));
      console.log(app.synth().stacks.map(({ stackName }) => stackName).join(' '));`;
    const stacks = await run(app, process.execPath, '--input-type=module', '--eval', script);
    for (const stack of ['network', 'state', 'pulsar', 'engine', 'console', 'cost', 'observability', 'apps'])
      expect(stacks).toContain(`acme-${stack}`);
  });

  it('has the demo with it', async () => {
    const told = await run(app, 'npx', 'starquake', 'demo');
    expect(JSON.parse(told.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ status: 'completed' });
  });
});
