// Shares the bundles of a namespace out over the brokers of a cluster, one to each in turn, so that a fault of one hits some of the topics only.
import { z } from 'zod';
import type { ClusterBroker } from './start-cluster.ts';

const bundlesSchema = z.object({ boundaries: z.array(z.string()) });

const TIMEOUT_MS = 15_000;
const TRIES = 50;
const AGAIN_AFTER_MS = 200;

const call = async (url: string, method: string): Promise<Response> => {
  const answer = await fetch(url, { method, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${method} ${url} was answered ${answer.status}: ${await answer.text()}`);
  return answer;
};

/**
 * Shares them out, and waits until every broker has what it was given.
 *
 * @param webUrl - of any broker that lives
 * @param namespace - with its tenant
 * @param topics - of the namespace
 */
export const shareBundles = async (
  webUrl: string,
  namespace: string,
  topics: readonly string[],
  brokers: readonly ClusterBroker[],
): Promise<void> => {
  const base = `${webUrl}/admin/v2/namespaces/${namespace}`;
  const { boundaries } = bundlesSchema.parse(await (await call(`${base}/bundles`, 'GET')).json());
  for (const [index, lower] of boundaries.slice(0, -1).entries()) {
    const broker = brokers[index % brokers.length];
    if (broker !== undefined) await call(`${base}/${lower}_${boundaries[index + 1]}/unload?destinationBroker=${broker.id}`, 'PUT');
  }
  for (const topic of topics) await untilDone(() => findOwner(webUrl, `${namespace}/${topic}`, brokers));
};

/** Repeats what fails while a bundle is on its way. */
const untilDone = async (look: () => Promise<unknown>): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await look();
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
};

const lookupSchema = z.object({ brokerUrl: z.string() });

/** The broker that serves a topic. @param topic - with its namespace */
export const findOwner = async (webUrl: string, topic: string, brokers: readonly ClusterBroker[]): Promise<ClusterBroker> => {
  const { brokerUrl } = lookupSchema.parse(await (await call(`${webUrl}/lookup/v2/topic/persistent/${topic}`, 'GET')).json());
  const owner = brokers.find((broker) => broker.brokerUrl === brokerUrl);
  if (owner === undefined) throw new Error(`The topic ${topic} is served by an unknown broker: ${brokerUrl}.`);
  return owner;
};
