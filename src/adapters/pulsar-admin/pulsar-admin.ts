// Pulsar's admin REST API as far as Starquake uses it: reads how a namespace is, and changes it.
import { z } from 'zod';
import { callAdmin, type AdminAnswer, type AdminCall } from './call-admin.ts';
import type { MessagePlace } from './message-position.ts';
import { HOLD_PUBLISHERS, type NamespacePolicies, type PresentTopic, type TopicChange } from './plan-topics.ts';
import type { PulsarAccess } from './pulsar-access.ts';

/** The quota of unread bytes, among the kinds of quotas. */
const STORAGE_QUOTA = 'destination_storage';
const FOREVER = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };
const EARLIEST = { ledgerId: -1, entryId: -1, partitionIndex: -1 };
const INACTIVE_KEPT = {
  inactiveTopicDeleteMode: 'delete_when_no_subscriptions',
  // Without meaning while nothing is deleted, but Pulsar wants one.
  maxInactiveDurationSeconds: 86_400,
  deleteWhileInactive: false,
};
const DELAYS_ALLOWED = { active: true, tickTime: 1000, maxDeliveryDelayInMillis: 0 };
const EXISTS_ALREADY = [409];

const policiesSchema = z.object({
  autoTopicCreationOverride: z.object({ allowAutoTopicCreation: z.boolean() }).nullish(),
  deduplicationEnabled: z.boolean().nullish(),
  delayed_delivery_policies: z.object({ active: z.boolean() }).nullish(),
  inactive_topic_policies: z.object({ deleteWhileInactive: z.boolean() }).nullish(),
  message_ttl_in_seconds: z.number().nullish(),
  backlog_quota_map: z.record(z.string(), z.object({ limitSize: z.number().default(-1), policy: z.string().nullish() })).nullish(),
  offload_policies: z.object({ managedLedgerOffloadThresholdInBytes: z.number().nullish() }).nullish(),
});

const partitionsSchema = z.object({ partitions: z.int() });
const retentionSchema = z.object({ retentionTimeInMinutes: z.number(), retentionSizeInMB: z.number() }).optional();
const addressSchema = z.object({ ledgerId: z.int(), entryId: z.int(), batchIndex: z.int().default(-1) });

/** Calls of the admin API on one namespace. Each takes at most `timeoutMs`. */
export class PulsarAdmin {
  readonly #access: PulsarAccess;
  readonly #namespace: string;

  constructor(access: PulsarAccess) {
    this.#access = access;
    this.#namespace = `${access.tenant}/${access.namespace}`;
  }

  /** Whether the tenant exists. */
  async hasTenant(timeoutMs: number): Promise<boolean> {
    const { tenant } = this.#access;
    const { status } = await this.#call(
      { method: 'GET', path: `tenants/${tenant}`, doing: `looking for the tenant ${tenant}`, accepts: [404] },
      timeoutMs,
    );
    return status !== 404;
  }

  /** Policies of the namespace; undefined where there is none. */
  async readPolicies(timeoutMs: number): Promise<NamespacePolicies | undefined> {
    const path = `namespaces/${this.#namespace}`;
    const call = { method: 'GET', path, doing: `reading the policies of ${this.#namespace}`, accepts: [404] } as const;
    const { status, value } = await this.#call(call, timeoutMs);
    if (status === 404) return undefined;
    const policies = policiesSchema.parse(value);
    const quota = policies.backlog_quota_map?.[STORAGE_QUOTA];
    const dropsInactive = policies.inactive_topic_policies?.deleteWhileInactive;
    return {
      autoCreatesTopics: policies.autoTopicCreationOverride?.allowAutoTopicCreation,
      deduplicates: policies.deduplicationEnabled ?? undefined,
      delays: policies.delayed_delivery_policies?.active,
      dropsInactiveTopics: dropsInactive,
      ttlSeconds: policies.message_ttl_in_seconds ?? undefined,
      backlogQuota: quota && { limitBytes: quota.limitSize, policy: quota.policy ?? '' },
      offloadThresholdBytes: policies.offload_policies?.managedLedgerOffloadThresholdInBytes ?? undefined,
    };
  }

  /** How many partitions a topic has; undefined where there is no such topic. */
  async countPartitions(topic: string, timeoutMs: number): Promise<number | undefined> {
    const path = `${this.#pathOf(topic)}/partitions`;
    const { status, value } = await this.#call({ method: 'GET', path, doing: `looking for the topic ${topic}`, accepts: [404] }, timeoutMs);
    if (status === 404) return undefined;
    const { partitions } = partitionsSchema.parse(value);
    // Pulsar says 0 of a topic that is there, but not partitioned.
    return partitions === 0 ? undefined : partitions;
  }

  /** A topic as it is; undefined where there is none. */
  async readTopic(topic: string, timeoutMs: number): Promise<PresentTopic | undefined> {
    const partitions = await this.countPartitions(topic, timeoutMs);
    if (partitions === undefined) return undefined;
    const get = (what: string): AdminCall => ({
      method: 'GET',
      path: `${this.#pathOf(topic)}/${what}`,
      doing: `reading ${what} of ${topic}`,
    });
    const [retention, subscriptions] = await Promise.all([
      this.#call(get('retention'), timeoutMs),
      this.#call(get('subscriptions'), timeoutMs),
    ]);
    const kept = retentionSchema.parse(retention.value);
    return {
      partitions,
      retainedForever: kept?.retentionTimeInMinutes === -1 && kept.retentionSizeInMB === -1,
      subscriptions: z.array(z.string()).parse(subscriptions.value),
    };
  }

  /** Makes a subscription that starts at the first message there is; harmless where it exists. */
  async createSubscription(topic: string, subscription: string, timeoutMs: number): Promise<void> {
    const path = `${this.#pathOf(topic)}/subscription/${encodeURIComponent(subscription)}`;
    const doing = `making the subscription ${subscription} of ${topic}`;
    await this.#call({ method: 'PUT', path, body: EARLIEST, doing, accepts: EXISTS_ALREADY }, timeoutMs);
  }

  /** The place of a partition's last message; its entry is -1 when there is none. */
  async findLast(topic: string, partition: number, timeoutMs: number): Promise<MessagePlace> {
    const path = `${this.#pathOf(topic)}-partition-${partition}/lastMessageId`;
    const { value } = await this.#call({ method: 'GET', path, doing: `looking for the end of ${topic}` }, timeoutMs);
    const { ledgerId, entryId, batchIndex } = addressSchema.parse(value);
    return { ledger: ledgerId, entry: entryId, batchIndex };
  }

  /** Carries one change out; harmless when another process has done it meanwhile. */
  async change(change: TopicChange, timeoutMs: number): Promise<void> {
    for (const call of await this.#listCalls(change, timeoutMs)) await this.#call(call, timeoutMs);
  }

  async #listCalls(change: TopicChange, timeoutMs: number): Promise<readonly AdminCall[]> {
    switch (change.kind) {
      case 'createTenant': {
        const clusters = await this.#call({ method: 'GET', path: 'clusters', doing: 'listing clusters' }, timeoutMs);
        const body = { adminRoles: [], allowedClusters: z.array(z.string()).parse(clusters.value) };
        const { tenant } = this.#access;
        return [{ method: 'PUT', path: `tenants/${tenant}`, body, doing: `making the tenant ${tenant}`, accepts: EXISTS_ALREADY }];
      }
      case 'createNamespace': {
        const path = `namespaces/${this.#namespace}`;
        return [{ method: 'PUT', path, doing: `making the namespace ${this.#namespace}`, accepts: EXISTS_ALREADY }];
      }
      case 'createTopic': {
        const { topic, partitions: body } = change;
        const path = `${this.#pathOf(topic)}/partitions`;
        return [{ method: 'PUT', path, body, doing: `making the topic ${topic}`, accepts: EXISTS_ALREADY }];
      }
      case 'addPartitions': {
        const { topic, partitions: body } = change;
        return [{ method: 'POST', path: `${this.#pathOf(topic)}/partitions`, body, doing: `adding partitions to ${topic}` }];
      }
      case 'retainForever':
        return [
          {
            method: 'POST',
            path: `${this.#pathOf(change.topic)}/retention`,
            body: FOREVER,
            doing: `setting the retention of ${change.topic}`,
          },
        ];
      case 'createSubscription':
        await this.createSubscription(change.topic, change.subscription, timeoutMs);
        return [];
      default:
        return [this.#setPolicy(change)];
    }
  }

  #setPolicy(change: PolicyChange): AdminCall {
    const set = (what: string, body: unknown): AdminCall => ({
      method: 'POST',
      path: `namespaces/${this.#namespace}/${what}`,
      body,
      doing: `setting ${what} of ${this.#namespace}`,
    });
    switch (change.kind) {
      case 'forbidTopicCreation':
        return set('autoTopicCreation', { allowAutoTopicCreation: false });
      case 'deduplicate':
        return set('deduplication', true);
      case 'allowDelays':
        return set('delayedDelivery', DELAYS_ALLOWED);
      case 'keepInactiveTopics':
        return set('inactiveTopicPolicies', INACTIVE_KEPT);
      case 'stopExpiry':
        return set('messageTTL', 0);
      case 'setBacklogQuota':
        return set(`backlogQuota?backlogQuotaType=${STORAGE_QUOTA}`, {
          limitSize: change.limitBytes,
          limitTime: -1,
          policy: HOLD_PUBLISHERS,
        });
      case 'setOffloadThreshold':
        return { ...set('offloadThreshold', change.bytes), method: 'PUT' };
    }
  }

  #pathOf(topic: string): string {
    return `persistent/${this.#namespace}/${encodeURIComponent(topic)}`;
  }

  #call(call: AdminCall, timeoutMs: number): Promise<AdminAnswer> {
    return callAdmin(this.#access, call, timeoutMs);
  }
}

/** Changes of a policy of the namespace. */
type PolicyChange = Extract<
  TopicChange,
  {
    readonly kind:
      | 'forbidTopicCreation'
      | 'deduplicate'
      | 'allowDelays'
      | 'keepInactiveTopics'
      | 'stopExpiry'
      | 'setBacklogQuota'
      | 'setOffloadThreshold';
  }
>;
