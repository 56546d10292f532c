// Finds the official Pulsar distribution: where PULSAR_HOME says, else from the Maven artifact of that name.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The newest complete distribution among the Maven artifacts. */
export const PULSAR_VERSION = '4.0.8';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 15 * 60_000;
const UNPACK_TIMEOUT_MS = 5 * 60_000;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Puts the distribution into `folder`, or nothing at all. */
const fetchDistribution = async (folder: string): Promise<void> => {
  const parent = resolve(folder, '..');
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, 'fetching-'));
  try {
    const artifact = `org.apache.pulsar:pulsar-server-distribution:${PULSAR_VERSION}:tar.gz:bin`;
    await run('mvn', ['-B', '-q', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${scratch}`], {
      cwd: scratch,
      timeout: FETCH_TIMEOUT_MS,
    });
    const unpacked = join(scratch, 'unpacked');
    await mkdir(unpacked);
    const archive = join(scratch, `pulsar-server-distribution-${PULSAR_VERSION}-bin.tar.gz`);
    await run('tar', ['xzf', archive, '-C', unpacked, '--strip-components=1'], { timeout: UNPACK_TIMEOUT_MS });
    await rename(unpacked, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/**
 * The folder of an unpacked distribution.
 *
 * @throws Error, saying why, when there is none to be had
 */
export const findDistribution = async (): Promise<string> => {
  const home = process.env['PULSAR_HOME'];
  if (home !== undefined && home !== '') {
    if (await exists(join(home, 'bin', 'pulsar'))) return home;
    throw new Error(`PULSAR_HOME is ${home}, but there is no bin/pulsar in it.`);
  }
  const folder = resolve('.starquake', 'pulsar', PULSAR_VERSION);
  if (await exists(join(folder, 'bin', 'pulsar'))) return folder;
  try {
    await fetchDistribution(folder);
  } catch (error) {
    throw new Error('There is no PULSAR_HOME, and Maven could not fetch the Pulsar distribution.', { cause: error });
  }
  return folder;
};
