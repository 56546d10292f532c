// Asks the processes of a cluster for their measurements, and tells which ones that alarms and dashboards are made of none of them has.
import type { Role } from '../../../lib/pulsar-config/cluster-description.ts';
import { ports } from '../../../lib/pulsar-config/places.ts';
import { scrapedMetrics, type MetricSource } from '../../../lib/settings/scraped-metrics.ts';
import type { SynthesizedCluster } from '../../support/cluster/start-synthesized.ts';

const ASK_TIMEOUT_MS = 20_000;

/** Where a role tells them; a standalone broker is not measured, and a proxy nobody asks. */
const places: Partial<Readonly<Record<Role, { readonly source: MetricSource; readonly port: number }>>> = {
  zookeeper: { source: 'zookeeper', port: ports.zookeeperMetrics },
  bookie: { source: 'bookie', port: ports.bookieMetrics },
  broker: { source: 'broker', port: ports.localWeb },
};

/** The names of one page, those of series with labels too. */
const readNames = (page: string): readonly string[] =>
  page.split('\n').flatMap((line) => (line.startsWith('#') ? [] : (/^[A-Za-z_:][\w:]*/.exec(line)?.[0] ?? [])));

/**
 * Tells which wanted measurements are missing, as in `bookie: bookie_SERVER_STATUS`. Those of topics are there once a topic is.
 *
 * @throws Error when a process that runs does not answer
 */
export const scrapeMetrics = async ({ parts }: SynthesizedCluster): Promise<readonly string[]> => {
  const asked = parts
    .filter(({ process }) => process.isRunning)
    .flatMap(({ role, placed }) => {
      const place = places[role];
      return place === undefined ? [] : [{ ...place, address: placed.address }];
    });
  const told = await Promise.all(
    asked.map(async ({ source, port, address }) => {
      const answer = await fetch(`http://${address}:${port}/metrics`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`The ${source} at ${address} answered ${answer.status}.`);
      return readNames(await answer.text()).map((name) => `${source}: ${name}`);
    }),
  );
  const names = new Set(told.flat());
  const sources = new Set(asked.map(({ source }) => source));
  return scrapedMetrics
    .filter(({ source }) => sources.has(source))
    .map(({ source, name }) => `${source}: ${name}`)
    .filter((wanted) => !names.has(wanted));
};
