// What a broker tells of the partitions of a topic and of those who read them, parsed as far as somebody judges it.
import { z } from 'zod';

const consumerSchema = z.object({
  consumerName: z.string().default(''),
  address: z.string().default(''),
  availablePermits: z.number().default(0),
  unackedMessages: z.number().default(0),
  blockedConsumerOnUnackedMsgs: z.boolean().default(false),
});

const subscriptionSchema = z.object({
  type: z.string().default(''),
  msgBacklog: z.number(),
  msgDelayed: z.number().default(0),
  msgOutCounter: z.number().default(0),
  unackedMessages: z.number().default(0),
  blockedSubscriptionOnUnackedMsgs: z.boolean().default(false),
  backlogSize: z.number().default(0),
  earliestMsgPublishTimeInBacklog: z.number().default(0),
  lastAckedTimestamp: z.number().default(0),
  lastMarkDeleteAdvancedTimestamp: z.number().default(0),
  consumers: z.array(consumerSchema).default([]),
});

const partitionSchema = z.object({
  storageSize: z.number().default(0),
  backlogSize: z.number().default(0),
  backlogQuotaLimitSize: z.number().default(-1),
  waitingPublishers: z.number().default(0),
  offloadedStorageSize: z.number().default(0),
  lastOffloadSuccessTimeStamp: z.number().default(0),
  lastOffloadFailureTimeStamp: z.number().default(0),
  ownerBroker: z.string().nullish(),
  subscriptions: z.record(z.string(), subscriptionSchema).default({}),
});

const topicSchema = z.object({ partitions: z.record(z.string(), partitionSchema) });

/** One who reads. */
export interface ConsumerStats {
  readonly name: string;
  readonly address: string;
  /** Messages that it has asked for and not got yet. */
  readonly permits: number;
  readonly unacked: number;
  /** It has more unacked messages than the broker lets it have. */
  readonly isBlocked: boolean;
}

/** A subscription of one partition. */
export interface SubscriptionStats {
  readonly name: string;
  readonly type: string;
  /** Messages not acked yet, the delayed ones and those in hand among them. */
  readonly backlog: number;
  readonly backlogBytes: number;
  /** Messages that are not to be delivered yet. */
  readonly delayed: number;
  /** Delivered and not acked. Always 0 of a stream, whose messages are not acked one by one. */
  readonly unacked: number;
  readonly isBlocked: boolean;
  /** When the oldest message of the backlog was published, in milliseconds since the epoch; undefined where it is not known. */
  readonly oldestAt: number | undefined;
  /** Messages delivered since the broker has the topic. */
  readonly delivered: number;
  /** When a message was acked last, in milliseconds since the epoch; 0 for never. */
  readonly ackedAt: number;
  readonly consumers: readonly ConsumerStats[];
}

/** One partition of a topic. */
export interface PartitionStats {
  readonly topic: string;
  readonly partition: number;
  readonly owner: string;
  readonly storedBytes: number;
  readonly backlogBytes: number;
  /** Backlog from which on publishers wait; 0 or less for no limit. */
  readonly quotaBytes: number;
  /** Publishers that wait now. */
  readonly waitingPublishers: number;
  readonly offloadedBytes: number;
  /** Milliseconds since the epoch; 0 for never. */
  readonly offloadSucceededAt: number;
  readonly offloadFailedAt: number;
  readonly subscriptions: readonly SubscriptionStats[];
}

type Consumer = z.infer<typeof consumerSchema>;
type Subscription = z.infer<typeof subscriptionSchema>;

const toConsumer = (consumer: Consumer): ConsumerStats => ({
  name: consumer.consumerName,
  address: consumer.address,
  permits: consumer.availablePermits,
  unacked: consumer.unackedMessages,
  isBlocked: consumer.blockedConsumerOnUnackedMsgs,
});

const toSubscription = (name: string, subscription: Subscription): SubscriptionStats => ({
  name,
  type: subscription.type,
  backlog: subscription.msgBacklog,
  backlogBytes: subscription.backlogSize,
  delayed: subscription.msgDelayed,
  unacked: subscription.unackedMessages,
  isBlocked: subscription.blockedSubscriptionOnUnackedMsgs,
  oldestAt: subscription.earliestMsgPublishTimeInBacklog > 0 ? subscription.earliestMsgPublishTimeInBacklog : undefined,
  delivered: subscription.msgOutCounter,
  ackedAt: Math.max(subscription.lastAckedTimestamp, subscription.lastMarkDeleteAdvancedTimestamp),
  consumers: subscription.consumers.map(toConsumer),
});

/** Parses `partitioned-stats` of a topic, asked for with `perPartition`. */
export const parsePartitionStats = (topic: string, value: unknown): readonly PartitionStats[] =>
  Object.entries(topicSchema.parse(value).partitions)
    .map(([fullName, partition]) => ({
      topic,
      partition: Number(/-partition-(\d+)$/.exec(fullName)?.[1] ?? 0),
      owner: partition.ownerBroker ?? '',
      storedBytes: partition.storageSize,
      backlogBytes: partition.backlogSize,
      quotaBytes: partition.backlogQuotaLimitSize,
      waitingPublishers: partition.waitingPublishers,
      offloadedBytes: partition.offloadedStorageSize,
      offloadSucceededAt: partition.lastOffloadSuccessTimeStamp,
      offloadFailedAt: partition.lastOffloadFailureTimeStamp,
      subscriptions: Object.entries(partition.subscriptions).map(([name, subscription]) => toSubscription(name, subscription)),
    }))
    .sort((a, b) => a.partition - b.partition);
