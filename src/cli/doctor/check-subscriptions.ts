// Finds subscriptions that stand still: messages wait, and nobody reads, or somebody does and nothing moves.
import { jobTopic, subscriptions, topics } from '../../protocol/topics.ts';
import type { PartitionState, PulsarPart, SubscriptionState } from './doctor-parts.ts';
import { ok, skipped, warning, wrong, type Finding } from './finding.ts';
import { describeAge, judgeReading, type Reading, type TwoLooks } from './judge-reading.ts';
import { listWantedTopics } from './list-wanted-topics.ts';
import { checkOfPulsar } from './pulsar-check.ts';

const BETWEEN_LOOKS_MS = 3000;
const JOBS = jobTopic('', '').name.slice(0, -1);

const ENGINE: readonly string[] = Object.values(subscriptions);
/** Those that a connector reads from its beginning on. */
const CONNECTOR: readonly string[] = [subscriptions.orchestrator, subscriptions.jobRetry, subscriptions.timerService];

/** One partition of one subscription, and what it does. */
interface Judged extends TwoLooks {
  readonly topic: string;
  readonly partition: number;
  readonly subscription: string;
  readonly reading: Reading;
}

const judgeAll = (first: readonly PartitionState[], second: readonly PartitionState[], now: number): readonly Judged[] => {
  const keyOf = (topic: string, partition: number, subscription: string): string => `${topic}/${partition}/${subscription}`;
  const before = new Map<string, SubscriptionState>();
  for (const { topic, partition, subscriptions: all } of first)
    for (const subscription of all) before.set(keyOf(topic, partition, subscription.name), subscription);
  return second.flatMap(({ topic, partition, subscriptions: all }) =>
    all.map((subscription) => {
      const looks = { first: before.get(keyOf(topic, partition, subscription.name)) ?? subscription, second: subscription, now };
      return { ...looks, topic, partition, subscription: subscription.name, reading: judgeReading(looks) };
    }),
  );
};

const count = (amount: number, word: string): string => `${amount} ${word}${amount === 1 ? '' : 's'}`;

const describeConsumers = (group: readonly Judged[]): string => {
  const consumers = group.flatMap(({ second }) => second.consumers.filter(({ unacked, isBlocked }) => unacked > 0 || isBlocked));
  const [one] = consumers.length > 0 ? consumers : group.flatMap(({ second }) => second.consumers);
  return one === undefined
    ? ''
    : ` Its reader is ${one.name || 'without a name'} at ${one.address.replace(/^\//, '') || 'an unknown address'}.`;
};

const FIND_CONNECTOR =
  'See the log of that process: it may be paused or starved, or what it calls (functions, stores) does not answer. End it, and another connector takes over.';

const LOOK_AGAIN = 'Look again in half a minute: what stands still then is told as wrong.';
const FIND_ATTEMPT = `See "starquake list --status running" and "starquake show <run>" for the attempt; its result or its timeout ends it.`;
const FIND_REASON =
  'See the log of the reader for the error that it gives them back with; a message of a newer release (UPGRADE_ME) waits for an upgrade.';

const startReader = (topic: string, flags: string): string => {
  const dev = (entry: string): string => `starquake dev ${entry} ${flags}`;
  if (!topic.startsWith(JOBS))
    return `Start a connector on this namespace (${dev('my-app.ts')}); where one runs, see its log for why it does not read.`;
  const app = topic.slice(JOBS.length).split('.')[0];
  return `Start a connector that has the app ${app} (${dev('<its entry>')}); where one runs, see its log for why it has not taken the app up.`;
};

/** Says that messages wait and nobody reads. */
const describeUnread = (subscription: string, topic: string, seen: string, flags: string): Finding => {
  const what = `${seen}, and nobody reads.`;
  if (subscription === subscriptions.query)
    return warning(what, 'What the API and the dashboard show is as old as that. Nothing is lost.', startReader(topic, flags));
  if (ENGINE.includes(subscription))
    return wrong(what, 'No connector is connected that would. Nothing is lost; nothing goes on.', startReader(topic, flags));
  return warning(
    what,
    'The subscription is none of the engine. What waits in it is kept for it, and counts towards the backlog quota of the topic.',
    `Start its reader, or remove it: bin/pulsar-admin topics unsubscribe -s ${subscription} <topic>`,
  );
};

/** Says what a group of partitions, all of one subscription and all alike, does; nothing where all is well. */
const describeGroup = (reading: Reading, group: readonly Judged[], flags: string): Finding | undefined => {
  const [{ topic, subscription } = { topic: '', subscription: '' }] = group;
  const waiting = group.reduce((sum, { second }) => sum + second.backlog - second.delayed, 0);
  const places = topic === topics.inbox.name || group.length > 1 ? ` on ${listPartitions(group)}` : '';
  const seen = `${topic}, read by ${subscription}: ${count(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'}${places}${describeAge(group)}`;
  const reader = describeConsumers(group);
  switch (reading) {
    case 'unread':
      return describeUnread(subscription, topic, seen, flags);
    case 'blocked':
      return wrong(
        `${seen}, and the broker delivers no more.`,
        `As many messages are delivered and unacked as it allows (maxUnackedMessagesPerConsumer, maxUnackedMessagesPerSubscription).${reader}`,
        FIND_CONNECTOR,
      );
    case 'still':
      return wrong(`${seen}, and nothing moves.`, `Somebody is connected and takes nothing.${reader}`, FIND_CONNECTOR);
    case 'slow':
      return warning(`${seen}; nothing moved in ${BETWEEN_LOOKS_MS / 1000} s.`, `It may be about to.${reader}`, LOOK_AGAIN);
    case 'held':
      return warning(
        `${seen}, all of it with its reader.`,
        `Either a job takes that long, or what was invoked does not answer.${reader}`,
        FIND_ATTEMPT,
      );
    case 'repeating':
      return warning(`${seen}, delivered again and again.`, `Its reader takes it and gives it back.${reader}`, FIND_REASON);
    default:
      return undefined;
  }
};

const MOST_PLACES = 8;

const listPartitions = (group: readonly Judged[]): string => {
  const numbers = group.map(({ partition }) => partition).sort((a, b) => a - b);
  const shown = numbers.slice(0, MOST_PLACES).join(', ');
  const more = numbers.length > MOST_PLACES ? ` and ${numbers.length - MOST_PLACES} more` : '';
  return `partition${numbers.length === 1 ? '' : 's'} ${shown}${more}`;
};

/** Tells of readers that are missing where nothing waits yet. */
const judgeOwners = (judged: readonly Judged[], flags: string): readonly Finding[] => {
  const expected = judged.filter(({ subscription }) => CONNECTOR.includes(subscription));
  const missing = expected.filter(({ second }) => second.consumers.length === 0);
  if (missing.length === 0) return [];
  const isTold = missing.some(({ reading }) => reading === 'unread');
  if (missing.length === expected.length)
    return isTold
      ? []
      : [warning('No connector is connected.', 'What comes will wait until one is.', startReader(topics.inbox.name, flags))];
  const idle = missing.filter(({ reading }) => reading === 'unowned');
  return [...Map.groupBy(idle, ({ topic }) => topic)].map(([topic, group]) =>
    warning(
      `${topic}: nobody reads ${listPartitions(group)}.`,
      'A connector is connected elsewhere; what comes here will wait.',
      'It passes within seconds while connectors come or go. If it stays, see the log of the connectors, and end the one that complains.',
    ),
  );
};

/**
 * What two looks at the same partitions, some seconds apart, tell of their readers.
 *
 * @param now - time of the second look, in milliseconds since the epoch
 */
export const judgeSubscriptions = (
  first: readonly PartitionState[],
  second: readonly PartitionState[],
  now: number,
  flags: string,
): readonly Finding[] => {
  const judged = judgeAll(first, second, now);
  const groups = Map.groupBy(judged, ({ topic, subscription, reading }) => `${topic}/${subscription}/${reading}`);
  const found = [...groups.values()].flatMap((group) => {
    const finding = group[0] && describeGroup(group[0].reading, group, flags);
    return finding === undefined ? [] : [finding];
  });
  if (judged.length === 0) return [skipped('No topic has a subscription: see "topics".')];
  const all = [...found, ...judgeOwners(judged, flags)];
  if (all.length > 0) return all;
  const waiting = judged.reduce((sum, { second: { backlog, delayed } }) => sum + backlog - delayed, 0);
  const delayed = judged.reduce((sum, { second: state }) => sum + state.delayed, 0);
  return [ok(`${count(judged.length, 'partition')} of subscriptions: ${waiting} messages wait and move, ${delayed} are not due yet.`)];
};

/** All partitions that the engine reads or somebody else does. */
const look = async (pulsar: PulsarPart, names: readonly string[]): Promise<readonly PartitionState[]> =>
  (await Promise.all(names.map((name) => pulsar.readPartitions(name)))).flat();

/** Subscriptions of all topics. */
export const subscriptionsCheck = checkOfPulsar('subscriptions', async (pulsar, parts, signal) => {
  const wanted = listWantedTopics(parts.inboxPartitions, await parts.listApps()).map(({ name }) => name);
  const names = [...new Set([...wanted, ...(await pulsar.listTopics())])];
  const first = await look(pulsar, names);
  await parts.pause(BETWEEN_LOOKS_MS, signal);
  return judgeSubscriptions(first, await look(pulsar, names), parts.now(), pulsar.place.flags);
});
