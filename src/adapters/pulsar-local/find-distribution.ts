// Finds the official Pulsar distribution: where PULSAR_HOME says, else from the Maven artifact of that name.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { StarquakeError } from '../../protocol/starquake-error.ts';

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
  const parent = dirname(folder);
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

/** Where to look for the distribution, and where to put it. */
export interface DistributionPlaces {
  /** A folder of an unpacked distribution (`PULSAR_HOME`); it is the only place looked at when given. */
  readonly home?: string | undefined;
  /** Holds distributions that were fetched, one folder a version. */
  readonly fetched: string;
}

/**
 * The folder of an unpacked distribution.
 *
 * @throws PULSAR_MISSING when there is none to be had
 */
export const findDistribution = async ({ home, fetched }: DistributionPlaces): Promise<string> => {
  if (home !== undefined && home !== '') {
    if (await exists(join(home, 'bin', 'pulsar'))) return home;
    throw new StarquakeError('PULSAR_MISSING', `PULSAR_HOME is ${home}, but there is no bin/pulsar in it.`);
  }
  const folder = join(fetched, PULSAR_VERSION);
  if (await exists(join(folder, 'bin', 'pulsar'))) return folder;
  try {
    await fetchDistribution(folder);
  } catch (error) {
    throw new StarquakeError('PULSAR_MISSING', 'There is no PULSAR_HOME, and Maven could not fetch the Pulsar distribution.', {
      cause: error,
    });
  }
  return folder;
};
