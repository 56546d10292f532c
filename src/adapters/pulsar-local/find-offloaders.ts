// Finds Pulsar's offloaders, which are no part of its distribution: from the Maven artifact of the same version.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { fetchArtifact, PULSAR_VERSION } from './fetch-artifact.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * The folder that `offloadersDirectory` of a broker is to point at.
 *
 * @param fetched - holds offloaders that were fetched, one folder a version
 * @throws PULSAR_MISSING when there are none to be had
 * @example
 * const offloadersDirectory = await findOffloaders(join('.starquake', 'pulsar-offloaders'));
 */
export const findOffloaders = async (fetched: string): Promise<string> => {
  const folder = join(fetched, PULSAR_VERSION);
  const offloaders = join(folder, 'offloaders');
  if (await exists(offloaders)) return offloaders;
  try {
    await fetchArtifact('pulsar-offloader-distribution', folder);
  } catch (error) {
    throw new StarquakeError('PULSAR_MISSING', "Maven could not fetch Pulsar's offloaders.", {
      hint: 'Have `mvn` reach a repository with org.apache.pulsar:pulsar-offloader-distribution.',
      cause: error,
    });
  }
  return offloaders;
};
