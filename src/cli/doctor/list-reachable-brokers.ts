// Finds the brokers behind an address: each has a clock, a health and settings of its own.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { PulsarPart } from './doctor-parts.ts';
import { skipped, type Finding } from './finding.ts';

/** Brokers, by their web services. */
export interface Brokers {
  readonly reached: readonly string[];
  /** Says which of them only others can reach. */
  readonly notReached: readonly Finding[];
}

/** All brokers that can be reached from here; the address that was named, where they are not told. */
export const listReachableBrokers = async (pulsar: PulsarPart): Promise<Brokers> => {
  const { webUrl } = pulsar.place;
  const listed = await pulsar.listBrokers().catch((error: unknown) => {
    if (error instanceof StarquakeError && error.code === 'BUS_REFUSED') return [];
    throw error;
  });
  // The only one there is may be known here by another name.
  if (listed.length <= 1) return { reached: [webUrl], notReached: [] };
  const tried = await Promise.all(
    listed.map(async (broker) => ({
      broker,
      isReached: await pulsar.ask(broker).then(
        () => true,
        () => false,
      ),
    })),
  );
  const reached = tried.filter(({ isReached }) => isReached).map(({ broker }) => broker);
  const notReached = tried
    .filter(({ isReached }) => !isReached)
    .map(({ broker }) => skipped(`${broker} cannot be reached from here: it is looked at from where it can be.`));
  return { reached: reached.length === 0 ? [webUrl] : reached, notReached };
};
