// Finds the official Pulsar distribution: where PULSAR_HOME says, else from the Maven artifact of that name.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { fetchArtifact, PULSAR_VERSION } from './fetch-artifact.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

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
    await fetchArtifact('pulsar-server-distribution', folder);
  } catch (error) {
    throw new StarquakeError('PULSAR_MISSING', 'There is no PULSAR_HOME, and Maven could not fetch the Pulsar distribution.', {
      cause: error,
    });
  }
  return folder;
};
