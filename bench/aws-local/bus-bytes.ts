// Asks the broker what went over its topics: the figures are the broker's own, whichever client is in use.
import { z } from 'zod';

/** Where the topics are. */
export interface BusPlace {
  readonly webUrl: string;
  readonly tenant: string;
  readonly namespace: string;
}

/** What went over a topic so far. */
export interface TopicTraffic {
  readonly messages: number;
  /** Bytes published, as the broker has them in its entries. */
  readonly bytesIn: number;
  /** Bytes given to all readers together. */
  readonly bytesOut: number;
}

const statsSchema = z.object({ msgInCounter: z.number(), bytesInCounter: z.number(), bytesOutCounter: z.number() });

const readJson = async (url: string): Promise<unknown> => (await fetch(url, { signal: AbortSignal.timeout(30_000) })).json();

/** Reads the traffic of all topics, by their names; those of jobs are one. */
export const readBusTraffic = async ({ webUrl, tenant, namespace }: BusPlace): Promise<ReadonlyMap<string, TopicTraffic>> => {
  const base = `${webUrl}/admin/v2/persistent/${tenant}/${namespace}`;
  const names = z.array(z.string()).parse(await readJson(`${base}/partitioned`));
  const traffic = new Map<string, TopicTraffic>();
  for (const full of names) {
    const topic = full.slice(full.lastIndexOf('/') + 1);
    const { msgInCounter, bytesInCounter, bytesOutCounter } = statsSchema.parse(
      await readJson(`${base}/${topic}/partitioned-stats?perPartition=false`),
    );
    const group = topic.startsWith('jobs.') ? 'jobs' : topic;
    const sum = traffic.get(group) ?? { messages: 0, bytesIn: 0, bytesOut: 0 };
    traffic.set(group, {
      messages: sum.messages + msgInCounter,
      bytesIn: sum.bytesIn + bytesInCounter,
      bytesOut: sum.bytesOut + bytesOutCounter,
    });
  }
  return traffic;
};
