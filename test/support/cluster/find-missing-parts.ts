// Says what a synthesized cluster lacks to be booted here: that fails in CI, and skips on a laptop.
import { resolve } from 'node:path';
import { findOffloaders } from '../../../src/adapters/pulsar-local/find-offloaders.ts';
import { findMoto } from '../offload/find-moto.ts';

/**
 * A reason to put behind a name; empty where everything is there.
 *
 * @param missing - the reason that there is already
 * @throws Error in CI, where something is missing
 */
export const findMissingParts = async (missing: string): Promise<string> => {
  if (missing !== '') return missing;
  try {
    await findMoto(resolve('.starquake', 'moto'));
    await findOffloaders(resolve('.starquake', 'pulsar-offloaders'));
    return '';
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return ` (skipped: ${String(error)})`;
  }
};
