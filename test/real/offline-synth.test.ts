// `cdk synth` as an operator runs it, in a network namespace that has nothing but itself, without credentials, home or Docker.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sizes } from '../../lib/settings/settings.ts';

const run = promisify(execFile);
const NAMESPACE = ['unshare', '--map-root-user', '--net', '--'];
const TIMEOUT_MS = 150_000;

/** On a laptop that lets nobody make a namespace, the rest is proven all the same; where it counts, that is a failure. */
const isolated = ((): readonly string[] => {
  try {
    execFileSync('unshare', [...NAMESPACE.slice(1), 'true'], { stdio: 'ignore' });
    return NAMESPACE;
  } catch (cause) {
    if (process.env['CI'] === 'true') throw new Error('No network namespace can be made, so nothing would be proven offline.', { cause });
    return [];
  }
})();

describe(`cdk synth${isolated.length > 0 ? ' without a network' : ' (with the network that is there: no namespace can be made)'}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-synth-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(sizes)('makes all templates of the size %s, and asks nobody', async (size) => {
    const output = join(folder, size);
    const [file, ...args] = [
      ...isolated,
      resolve('node_modules/.bin/cdk'),
      'synth',
      '-c',
      `size=${size}`,
      '--quiet',
      '--no-notices',
      '-o',
      output,
    ];
    const environment = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, CI: 'true' };
    const { stderr } = await run(file, args, { env: environment, timeout: TIMEOUT_MS });
    expect(stderr).not.toMatch(/error|context/i);
    const templates = (await readdir(output)).filter((name) => name.endsWith('.template.json'));
    const stacks = ['apps', 'console', 'cost', 'engine', 'network', 'observability', 'pulsar', 'state'];
    expect(templates.toSorted((one, other) => one.localeCompare(other))).toEqual(stacks.map((stack) => `starquake-${stack}.template.json`));
  });
});
