// Makes checks that need a Pulsar: skipped where none was named or it cannot be reached, which one check says, not all of them.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { DoctorParts, PulsarPart } from './doctor-parts.ts';
import { skipped, type Check, type Finding } from './finding.ts';

const HOW_TO_NAME = 'Name it with --pulsar or STARQUAKE_PULSAR_URL.';

/** What is looked at when there is a Pulsar. */
export type LookAtPulsar = (pulsar: PulsarPart, parts: DoctorParts, signal: AbortSignal) => Promise<readonly Finding[]>;

/** A check of how the Pulsar that was named can be reached at all. */
export const checkOfReaching = (name: string, look: LookAtPulsar): Check => ({
  name,
  run: async (parts, signal) =>
    parts.pulsar === undefined ? [skipped('No Pulsar was named.', HOW_TO_NAME)] : await look(parts.pulsar, parts, signal),
});

/** A check of something in a Pulsar that can be reached and lets itself be asked. */
export const checkOfPulsar = (name: string, look: LookAtPulsar): Check =>
  checkOfReaching(name, async (pulsar, parts, signal) => {
    try {
      await pulsar.reach();
    } catch (error) {
      if (error instanceof StarquakeError) return [skipped('The broker cannot be asked: see "broker".')];
      throw error;
    }
    try {
      return await look(pulsar, parts, signal);
    } catch (error) {
      if (!(error instanceof StarquakeError) || error.code !== 'BUS_REFUSED') throw error;
      return [
        skipped(`It cannot be looked at with these credentials: ${error.message}`, 'Use a role that may read it: see "credentials".'),
      ];
    }
  });
