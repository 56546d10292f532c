// What systemd and a shell would say of the machines: every unit, script, installer and user data of every size is looked at by their own tools.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planNodes } from '../../lib/machines/plan-nodes.ts';
import { renderInstaller, renderMachine, type MachineOf } from '../../lib/machines/render-machine.ts';
import { renderStart } from '../../lib/machines/render-start.ts';
import { describeCluster } from '../../lib/pulsar-config/describe-cluster.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { sizes, type Size } from '../../lib/settings/settings.ts';

const run = promisify(execFile);
const LONGEST_MS = 60_000;

const isThere = (program: string): Promise<boolean> =>
  run(program, ['--version'], { timeout: LONGEST_MS }).then(
    () => true,
    () => false,
  );

/** In CI it must be there; on a laptop what needs it is skipped. */
const isMissing = async (program: string): Promise<boolean> => {
  if (await isThere(program)) return false;
  if (process.env['CI'] === 'true') throw new Error(`${program} is not installed.`);
  return true;
};

const noShellcheck = await isMissing('shellcheck');
const noSystemd = await isMissing('systemd-analyze');

const listMachines = (size: Size): readonly (readonly [name: string, MachineOf])[] => {
  const settings = readSettings({ size, production: { proxies: { instanceType: 'c7g.large', count: 1 } } });
  const cluster = describeCluster(settings, { offloadBucket: '@OFFLOAD_BUCKET@' });
  const nodes = planNodes(settings, cluster).map((node) => [node.description.name, { settings, cluster, node }] as const);
  return size === 'production' ? [...nodes, ['connector', { settings, cluster }]] : nodes;
};

/** One machine of each kind is enough for a tool that takes its time. */
const listKinds = (size: Size): readonly (readonly [name: string, MachineOf])[] =>
  listMachines(size).filter(([name]) => /-1$|^connector$/.test(name));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-units-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Puts a script and has it looked at. */
const check = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return run('shellcheck', ['--shell=bash', '--severity=style', path], { timeout: LONGEST_MS }).then(
    ({ stdout }) => stdout,
    (error: unknown) => String(typeof error === 'object' && error !== null ? Reflect.get(error, 'stdout') : error),
  );
};

describe.skipIf(noShellcheck)(`scripts of machines${noShellcheck ? ' (shellcheck is not installed)' : ''}`, () => {
  it.each(sizes)('of %s have nothing that shellcheck finds', async (size) => {
    for (const [name, machine] of listKinds(size)) {
      for (const { path, text } of renderMachine(machine).filter(({ mode }) => mode === '0755')) {
        expect({ path, found: await check(join(name, path), text) }).toEqual({ path, found: '' });
      }
    }
  });

  it.each(sizes)('of %s are put in place by an installer that has nothing either', async (size) => {
    for (const [name, machine] of listKinds(size))
      expect(await check(join(name, 'install.sh'), renderInstaller(name, renderMachine(machine)))).toBe('');
  });

  it('start with user data that has nothing either', async () => {
    const text = renderStart(
      { STARQUAKE_NAME: 'a', STARQUAKE_REGION: 'b' },
      { NODE_ENV: 'production' },
      { bucket: 'c', key: 'd', sha256: 'e' },
    );
    expect(await check('user-data.sh', text)).toBe('');
  });
});

describe.skipIf(noSystemd)(`units of machines${noSystemd ? ' (systemd-analyze is not installed)' : ''}`, () => {
  it.each(sizes)('of %s are understood by systemd', async (size) => {
    for (const [name, machine] of listKinds(size)) {
      // A tree of its own, so that programs and other units are found where the unit says.
      const root = join(folder, size, name, 'root');
      const units: string[] = [];
      for (const { path, text } of renderMachine(machine)) {
        await mkdir(join(root, dirname(path)), { recursive: true });
        await writeFile(join(root, path), text);
        await chmod(join(root, path), path.startsWith('/opt/') ? 0o755 : 0o644);
        if (path.startsWith('/etc/systemd/system/')) units.push(join(root, path));
      }
      const { stderr } = await run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...units], {
        timeout: LONGEST_MS,
      }).catch((error: unknown) => ({
        stderr: String(typeof error === 'object' && error !== null ? Reflect.get(error, 'stderr') : error),
      }));
      // Programs and units of the real machine are not on this one.
      const found = stderr
        .split('\n')
        .filter(
          (line) =>
            line !== '' &&
            !/is not executable|No such file or directory|Unit network-online\.target|Failed to (add|open|create)/.test(line),
        );
      expect(found).toEqual([]);
    }
  });

  it('would not be taken with a word that systemd does not know', async () => {
    const path = join(folder, 'broken.service');
    await writeFile(path, '[Service]\nExecStart=/bin/true\nTimeoutStopsSec=1\n');
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', path], { timeout: LONGEST_MS }).catch((error: unknown) => ({
      stderr: String(typeof error === 'object' && error !== null ? Reflect.get(error, 'stderr') : error),
    }));
    expect(stderr).toContain('TimeoutStopsSec');
  });
});
