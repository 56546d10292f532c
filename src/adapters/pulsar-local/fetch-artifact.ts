// Fetches a part of Pulsar by its Maven artifact and unpacks it, wholly or not at all.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The newest complete distribution among the Maven artifacts. */
export const PULSAR_VERSION = '4.0.8';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 15 * 60_000;
const UNPACK_TIMEOUT_MS = 5 * 60_000;

/**
 * Puts the content of an artifact into `folder`.
 *
 * @param name - of the artifact, such as `pulsar-server-distribution`
 * @throws Error of `mvn` or `tar`, which have to be there
 */
export const fetchArtifact = async (name: string, folder: string): Promise<void> => {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const scratch = await mkdtemp(join(parent, 'fetching-'));
  try {
    const artifact = `org.apache.pulsar:${name}:${PULSAR_VERSION}:tar.gz:bin`;
    await run('mvn', ['-B', '-q', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${scratch}`], {
      cwd: scratch,
      timeout: FETCH_TIMEOUT_MS,
    });
    const unpacked = join(scratch, 'unpacked');
    await mkdir(unpacked);
    const archive = join(scratch, `${name}-${PULSAR_VERSION}-bin.tar.gz`);
    await run('tar', ['xzf', archive, '-C', unpacked, '--strip-components=1'], { timeout: UNPACK_TIMEOUT_MS });
    await rename(unpacked, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
