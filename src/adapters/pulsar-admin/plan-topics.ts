// Compares the topics that there are with those that there should be: pure, so that a dry run shows what a real one would do.
import { jobTopic, subscriptions, topics, type TopicDefinition } from '../../protocol/topics.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** Policies of a namespace, as far as Starquake sets them; undefined where nothing is set. */
export interface NamespacePolicies {
  readonly autoCreatesTopics: boolean | undefined;
  readonly deduplicates: boolean | undefined;
  readonly delays: boolean | undefined;
  readonly dropsInactiveTopics: boolean | undefined;
  /** Seconds after which an unread message would be dropped; 0 for never. */
  readonly ttlSeconds: number | undefined;
  readonly backlogQuota: { readonly limitBytes: number; readonly policy: string } | undefined;
  /** Bytes of a topic from which on it is offloaded; -1 for never, as far as the namespace says. */
  readonly offloadThresholdBytes: number | undefined;
}

/** A topic as it is. */
export interface PresentTopic {
  readonly partitions: number;
  readonly retainedForever: boolean;
  readonly subscriptions: readonly string[];
}

/** A namespace as it is. */
export interface PresentState {
  readonly tenantExists: boolean;
  /** Undefined where there is no such namespace. */
  readonly policies: NamespacePolicies | undefined;
  /** Of the topics that are asked for, those that exist, by name. */
  readonly topics: ReadonlyMap<string, PresentTopic>;
}

/** What can be chosen about a namespace. */
export interface NamespaceSettings {
  /** Unread bytes from which on publishers of a topic have to wait. */
  readonly backlogLimitBytes: number;
  /** Bytes of a topic from which on it is offloaded; the brokers' setting when left out. */
  readonly offloadThresholdBytes?: number;
}

/** Nothing is ever dropped: a publisher waits when this much is unread. */
export const defaultNamespaceSettings: NamespaceSettings = { backlogLimitBytes: 100 * 1024 ** 3 };

/** One thing to do. */
export type TopicChange =
  | { readonly kind: 'createTenant' }
  | { readonly kind: 'createNamespace' }
  | { readonly kind: 'forbidTopicCreation' }
  | { readonly kind: 'deduplicate' }
  | { readonly kind: 'allowDelays' }
  | { readonly kind: 'keepInactiveTopics' }
  | { readonly kind: 'stopExpiry' }
  | { readonly kind: 'setBacklogQuota'; readonly limitBytes: number }
  | { readonly kind: 'setOffloadThreshold'; readonly bytes: number }
  | { readonly kind: 'createTopic'; readonly topic: string; readonly partitions: number }
  | { readonly kind: 'addPartitions'; readonly topic: string; readonly partitions: number }
  | { readonly kind: 'retainForever'; readonly topic: string }
  | { readonly kind: 'createSubscription'; readonly topic: string; readonly subscription: string };

/** Publishers wait, with their messages in hand, until there is room: the one policy that loses nothing. */
export const HOLD_PUBLISHERS = 'producer_request_hold';

const JOB_TOPICS = jobTopic('', '').name.slice(0, -1);

const readers: ReadonlyMap<string, string> = new Map([
  [topics.inbox.name, subscriptions.orchestrator],
  [topics.retries.name, subscriptions.jobRetry],
  [topics.timers.name, subscriptions.timerService],
]);

/** The subscription that a topic needs from its beginning on: what is not retained is kept for subscriptions only. */
export const findFirstReader = (topic: string): string | undefined =>
  readers.get(topic) ?? (topic.startsWith(JOB_TOPICS) ? subscriptions.jobManager : undefined);

/**
 * What is to be done so that the topics are as defined. It takes nothing away: a topic that is not asked for stays as it is.
 *
 * @throws TOPIC_FIXED when a stream exists with another number of partitions, or a queue with more of them
 */
export const planTopics = (
  present: PresentState,
  wanted: readonly TopicDefinition[],
  settings: NamespaceSettings = defaultNamespaceSettings,
): readonly TopicChange[] => [
  ...(present.tenantExists ? [] : [{ kind: 'createTenant' } as const]),
  ...planNamespace(present.policies, settings),
  ...wanted.flatMap((definition) => planTopic(present.topics.get(definition.name), definition)),
];

const planNamespace = (policies: NamespacePolicies | undefined, settings: NamespaceSettings): readonly TopicChange[] => {
  const changes: TopicChange[] = policies === undefined ? [{ kind: 'createNamespace' }] : [];
  if (policies?.autoCreatesTopics !== false) changes.push({ kind: 'forbidTopicCreation' });
  // A client sends again by itself what was not answered, and such a copy carries no mark (rule 4).
  if (policies?.deduplicates !== true) changes.push({ kind: 'deduplicate' });
  if (policies?.delays !== true) changes.push({ kind: 'allowDelays' });
  if (policies?.dropsInactiveTopics !== false) changes.push({ kind: 'keepInactiveTopics' });
  if (policies?.ttlSeconds !== 0) changes.push({ kind: 'stopExpiry' });
  const { backlogLimitBytes, offloadThresholdBytes } = settings;
  if (policies?.backlogQuota?.policy !== HOLD_PUBLISHERS || policies.backlogQuota.limitBytes !== backlogLimitBytes)
    changes.push({ kind: 'setBacklogQuota', limitBytes: backlogLimitBytes });
  if (offloadThresholdBytes !== undefined && policies?.offloadThresholdBytes !== offloadThresholdBytes)
    changes.push({ kind: 'setOffloadThreshold', bytes: offloadThresholdBytes });
  return changes;
};

const planTopic = (present: PresentTopic | undefined, definition: TopicDefinition): readonly TopicChange[] => {
  const { name: topic, partitions, retained } = definition;
  const changes: TopicChange[] = [];
  if (present === undefined) changes.push({ kind: 'createTopic', topic, partitions });
  else if (present.partitions !== partitions) changes.push(planPartitions(present.partitions, definition));
  if (retained && present?.retainedForever !== true) changes.push({ kind: 'retainForever', topic });
  const subscription = findFirstReader(topic);
  if (subscription !== undefined && present?.subscriptions.includes(subscription) !== true)
    changes.push({ kind: 'createSubscription', topic, subscription });
  return changes;
};

const planPartitions = (present: number, { name, kind, partitions }: TopicDefinition): TopicChange => {
  if (kind === 'queue' && partitions > present) return { kind: 'addPartitions', topic: name, partitions };
  const why =
    kind === 'queue'
      ? 'Pulsar cannot take partitions away.'
      : 'A key would move to another partition, so that one run would have two owners and its messages no order.';
  throw new StarquakeError('TOPIC_FIXED', `The topic ${name} has ${present} partitions and is to have ${partitions}. ${why}`);
};

/** Says a change in a line, for people: `+` makes something, `~` changes it. */
export const describeChange = (change: TopicChange): string => {
  switch (change.kind) {
    case 'createTenant':
      return '+ the tenant';
    case 'createNamespace':
      return '+ the namespace';
    case 'forbidTopicCreation':
      return '~ the namespace: topics are made on purpose only';
    case 'deduplicate':
      return '~ the namespace: the broker drops what a client sends twice';
    case 'allowDelays':
      return '~ the namespace: messages may be delayed';
    case 'keepInactiveTopics':
      return '~ the namespace: topics that nobody uses are kept';
    case 'stopExpiry':
      return '~ the namespace: unread messages are kept, however old';
    case 'setBacklogQuota':
      return `~ the namespace: publishers wait when ${change.limitBytes} bytes of a topic are unread`;
    case 'setOffloadThreshold':
      return `~ the namespace: topics of more than ${change.bytes} bytes are offloaded`;
    case 'createTopic':
      return `+ the topic ${change.topic}, of ${change.partitions} partition${change.partitions === 1 ? '' : 's'}`;
    case 'addPartitions':
      return `~ the topic ${change.topic}: ${change.partitions} partitions`;
    case 'retainForever':
      return `~ the topic ${change.topic}: kept after being read`;
    case 'createSubscription':
      return `+ the subscription ${change.subscription} of ${change.topic}`;
  }
};
