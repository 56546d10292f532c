// Makes a namespace and its topics as they are defined, changing only what differs.
import type { TopicDefinition } from '../../protocol/topics.ts';
import { planTopics, type NamespaceSettings, type PresentState, type PresentTopic, type TopicChange } from './plan-topics.ts';
import type { PulsarAdmin } from './pulsar-admin.ts';

/** How the namespace is now, as far as the wanted topics are concerned. */
export const readPresentState = async (
  admin: PulsarAdmin,
  wanted: readonly TopicDefinition[],
  timeoutMs: number,
): Promise<PresentState> => {
  const policies = await admin.readPolicies(timeoutMs);
  if (policies === undefined) return { tenantExists: await admin.hasTenant(timeoutMs), policies, topics: new Map() };
  const found = await Promise.all(wanted.map(async ({ name }) => [name, await admin.readTopic(name, timeoutMs)] as const));
  const topics = new Map(found.filter((entry): entry is [string, PresentTopic] => entry[1] !== undefined));
  return { tenantExists: true, policies, topics };
};

/**
 * Applies the definitions; applying them twice changes nothing.
 *
 * @param timeoutMs - for each call of the admin API
 * @returns what was changed
 * @throws TOPIC_FIXED, before anything is changed; BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED
 * @example
 * const changes = await applyTopics(new PulsarAdmin(access), Object.values(topics), 30_000);
 * for (const change of changes) console.log(describeChange(change));
 */
export const applyTopics = async (
  admin: PulsarAdmin,
  wanted: readonly TopicDefinition[],
  timeoutMs: number,
  settings?: NamespaceSettings,
): Promise<readonly TopicChange[]> => {
  const changes = planTopics(await readPresentState(admin, wanted, timeoutMs), wanted, settings);
  const isOfTopic = (change: TopicChange): boolean => 'topic' in change;
  // A policy set before the first topic is made holds for it from its beginning on.
  for (const change of changes.filter((candidate) => !isOfTopic(candidate))) await admin.change(change, timeoutMs);
  const byTopic = Map.groupBy(changes.filter(isOfTopic), (change) => ('topic' in change ? change.topic : ''));
  await Promise.all(
    [...byTopic.values()].map(async (own) => {
      for (const change of own) await admin.change(change, timeoutMs);
    }),
  );
  return changes;
};
