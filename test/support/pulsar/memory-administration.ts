// Pulsar's admin API in memory, with its state: for whatever administers a namespace and needs no messages.
import { z } from 'zod';
import { startStandIn, type StandIn } from './stand-in.ts';

/** An admin API that listens. */
export interface MemoryAdministration {
  readonly webUrl: string;
  /** What was changed, as `PUT tenants/acme`, in order. */
  readonly changes: readonly string[];
  /** Names of the topics of a namespace with their partitions. */
  listTopics(namespace: string): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly value?: unknown;
}

interface MemoryTopic {
  readonly partitions: number;
  readonly subscriptions: Set<string>;
  retention: unknown;
}

interface MemoryNamespace {
  policies: Record<string, unknown>;
  readonly properties: Record<string, string>;
  readonly topics: Map<string, MemoryTopic>;
}

const MISSING: Answer = { status: 404 };
const DONE: Answer = { status: 204 };

/** Where a policy that is set under one name is read. */
const policyFields: Readonly<Record<string, (value: unknown) => Record<string, unknown>>> = {
  autoTopicCreation: (value) => ({ autoTopicCreationOverride: value }),
  deduplication: (value) => ({ deduplicationEnabled: value }),
  delayedDelivery: (value) => ({ delayed_delivery_policies: value }),
  inactiveTopicPolicies: (value) => ({ inactive_topic_policies: value }),
  messageTTL: (value) => ({ message_ttl_in_seconds: value }),
  backlogQuota: (value) => ({ backlog_quota_map: { destination_storage: value } }),
  offloadThreshold: (value) => ({ offload_policies: { managedLedgerOffloadThresholdInBytes: value } }),
};

class AdministrationState {
  readonly tenants = new Set<string>();
  readonly namespaces = new Map<string, MemoryNamespace>();

  answer(method: string, words: readonly string[], value: unknown): Answer {
    const [kind = '', tenant = '', name = '', ...rest] = words;
    if (kind === 'clusters') return { status: 200, value: ['standalone'] };
    if (kind === 'tenants') {
      if (method !== 'GET') this.tenants.add(tenant);
      return method !== 'GET' ? DONE : this.tenants.has(tenant) ? { status: 200, value: {} } : MISSING;
    }
    const namespace = this.namespaces.get(`${tenant}/${name}`);
    if (kind === 'namespaces' && namespace === undefined && method === 'PUT') {
      this.namespaces.set(`${tenant}/${name}`, { policies: {}, properties: {}, topics: new Map() });
      return DONE;
    }
    if (namespace === undefined) return MISSING;
    return kind === 'namespaces' ? answerNamespace(namespace, method, rest, value) : answerTopic(namespace, method, rest, value);
  }
}

const answerNamespace = (
  namespace: MemoryNamespace,
  method: string,
  [what, key = '', text = '']: readonly string[],
  value: unknown,
): Answer => {
  if (what === undefined) return { status: 200, value: namespace.policies };
  if (what === 'properties') return { status: 200, value: namespace.properties };
  if (what === 'property') namespace.properties[key] = text;
  else namespace.policies = { ...namespace.policies, ...policyFields[what]?.(value) };
  return method === 'GET' ? MISSING : DONE;
};

const answerTopic = (
  namespace: MemoryNamespace,
  method: string,
  [name = '', what = '', key = '']: readonly string[],
  value: unknown,
): Answer => {
  if (what === 'partitions' && method === 'PUT') {
    namespace.topics.set(name, { partitions: z.int().parse(value), subscriptions: new Set(), retention: undefined });
    return DONE;
  }
  // No topic has any message.
  if (what === 'lastMessageId') return { status: 200, value: { ledgerId: 1, entryId: -1 } };
  const topic = namespace.topics.get(name);
  if (topic === undefined) return MISSING;
  if (what === 'partitions') return { status: 200, value: { partitions: topic.partitions } };
  if (what === 'subscriptions') return { status: 200, value: [...topic.subscriptions] };
  if (what === 'subscription') topic.subscriptions.add(key);
  else if (method === 'GET') return { status: 200, value: topic.retention };
  else topic.retention = value;
  return DONE;
};

/** Starts it on a free port of the loopback address, with nothing in it. */
export const startMemoryAdministration = async (): Promise<MemoryAdministration> => {
  const state = new AdministrationState();
  const changes: string[] = [];
  const standIn: StandIn = await startStandIn({
    onAdmin: (method, path, body) => {
      const [, words = ''] = /^\/admin\/v2\/([^?]*)/.exec(path) ?? [];
      if (method !== 'GET') changes.push(`${method} ${words}`);
      // A topic is addressed with what it is: persistent.
      return state.answer(method, words.split('/'), body === '' ? undefined : JSON.parse(body));
    },
  });
  return {
    webUrl: standIn.webUrl,
    changes,
    listTopics: (namespace) =>
      Object.fromEntries([...(state.namespaces.get(namespace)?.topics ?? [])].map(([name, { partitions }]) => [name, partitions])),
    close: () => standIn.close(),
  };
};
