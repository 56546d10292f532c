// Finds the parts of offloading for a test, or says why there are none: that fails in CI, and skips on a laptop.
import { inject } from 'vitest';
import { startOffloadingPulsar, type OffloadingPulsar } from './start-offloading-pulsar.ts';

/** A broker that offloads; or a reason to put behind a name. */
export interface FoundOffloading {
  readonly offloading: OffloadingPulsar | undefined;
  readonly missing: string;
}

/** Starts what there is; whoever asked is to stop it. */
export const findOffloadingPulsar = async (): Promise<FoundOffloading> => {
  const provided = inject('pulsar');
  // Where the tests have no broker, none is fetched for this one.
  if ('missing' in provided) return { offloading: undefined, missing: ` (skipped: ${provided.missing})` };
  try {
    return { offloading: await startOffloadingPulsar(), missing: '' };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return { offloading: undefined, missing: ` (skipped: ${String(error)})` };
  }
};
