// Looks at a Pulsar without changing anything: its brokers, what they are set to, and how its topics are read.
import { z } from 'zod';
import type { TopicDefinition } from '../../protocol/topics.ts';
import { callAdmin, type AdminAnswer, type AdminCall } from './call-admin.ts';
import { compareTopics, type TopicDifference } from './compare-topics.ts';
import { defaultNamespaceSettings, type NamespaceSettings } from './plan-topics.ts';
import { parsePartitionStats, type PartitionStats } from './partition-stats.ts';
import type { PulsarAccess } from './pulsar-access.ts';
import { PulsarAdmin } from './pulsar-admin.ts';

/** A broker's answer to a question that costs it nothing. */
export interface BrokerAnswer {
  readonly status: number;
  /** The release, of a broker that lets itself be asked. */
  readonly version: string;
  /** What its clock said, as milliseconds since the epoch of a whole second. */
  readonly servedAt: number | undefined;
}

/** What is set about offloading. */
export interface OffloadSettings {
  /** Of the namespace; undefined where it leaves it to the brokers. */
  readonly driver: string | undefined;
  /** Bytes of a topic from which on it is offloaded; undefined or below 0 where the namespace leaves it to the brokers. */
  readonly thresholdBytes: number | undefined;
  readonly thresholdSeconds: number | undefined;
}

/** How a topic is stored. */
export interface TopicStorage {
  readonly entries: number;
  /** Of ledgers that nothing is added to any more, the bytes that are not offloaded. */
  readonly closedBytes: number;
}

/** The newest message of a topic. */
export interface LastMessage {
  /** As it was published: JSON is parsed. */
  readonly body: unknown;
}

const WHATEVER = [400, 401, 403, 404, 405, 429, 500, 503];
const STATS = 'perPartition=true&getPreciseBacklog=true&subscriptionBacklogSize=true&getEarliestTimeInBacklog=true';

const namesSchema = z.array(z.string());
const settingsSchema = z.record(z.string(), z.string().nullish());
const policiesSchema = z.object({
  offload_threshold: z.number().nullish(),
  offload_threshold_in_seconds: z.number().nullish(),
  offload_policies: z
    .object({
      managedLedgerOffloadDriver: z.string().nullish(),
      managedLedgerOffloadThresholdInBytes: z.number().nullish(),
      managedLedgerOffloadThresholdInSeconds: z.number().nullish(),
    })
    .nullish(),
});
const ledgersSchema = z.object({
  partitions: z.record(
    z.string(),
    z.object({ numberOfEntries: z.number(), ledgers: z.array(z.object({ size: z.number(), offloaded: z.boolean() })) }),
  ),
});

/** Reads of the admin API on one namespace and its brokers. Each call takes at most `timeoutMs`. */
export class PulsarInspection {
  readonly #access: PulsarAccess;
  readonly #admin: PulsarAdmin;
  readonly #namespace: string;
  readonly #timeoutMs: number;
  readonly #settings: NamespaceSettings;

  /** @param settings - that the namespace is to have, where they are not the usual ones */
  constructor(access: PulsarAccess, timeoutMs: number, settings: Partial<NamespaceSettings> = {}) {
    this.#access = access;
    this.#admin = new PulsarAdmin(access);
    this.#namespace = `${access.tenant}/${access.namespace}`;
    this.#timeoutMs = timeoutMs;
    this.#settings = { ...defaultNamespaceSettings, ...settings };
  }

  /** Asks a broker for its release, whatever it says of the credentials. @throws BUS_UNREACHABLE, CALL_TIMED_OUT, SETTINGS_INVALID */
  async ask(webUrl: string): Promise<BrokerAnswer> {
    const { status, value, servedAt } = await this.#get('brokers/version', 'asking for its release', { webUrl, accepts: WHATEVER });
    return { status, version: status === 200 && typeof value === 'string' ? value : '', servedAt };
  }

  /** What a broker says of itself: `ok`, after it has written a message and read it. @throws STORE_FAILED and others when it is not */
  async readHealth(webUrl: string): Promise<string> {
    return String((await this.#get('brokers/health', 'asking for its health', { webUrl })).value);
  }

  /** Web services of the brokers that are up. @throws BUS_REFUSED and others */
  async listBrokers(): Promise<readonly string[]> {
    const clusters = namesSchema.parse((await this.#get('clusters', 'listing clusters')).value);
    const lists = await Promise.all(
      // A cluster of another place, known for replication, is none of this Pulsar's.
      clusters
        .filter((name) => name !== 'global')
        .map((name) => this.#get(`brokers/${encodeURIComponent(name)}`, 'listing brokers', { accepts: [404, 412] })),
    );
    const addresses = lists.flatMap(({ status, value }) => (status === 200 ? namesSchema.parse(value) : []));
    const { protocol } = new URL(this.#access.webUrl);
    return [...new Set(addresses)].sort().map((address) => `${protocol}//${address}`);
  }

  /** What a broker is set to, as far as it is asked for: there are secrets among the rest. @throws BUS_REFUSED and others */
  async readSettings(webUrl: string, keys: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const { value } = await this.#get('brokers/configuration/runtime', 'reading the settings of a broker', { webUrl });
    const all = settingsSchema.parse(value);
    return Object.fromEntries(keys.flatMap((key) => (typeof all[key] === 'string' ? [[key, all[key]]] : [])));
  }

  /** Whether the web service offers WebSocket. */
  async offersWebSocket(): Promise<boolean> {
    const path = `reader/persistent/${this.#namespace}/any`;
    // Without an upgrade nothing is opened: the service says that it takes no plain GET, and a port without the service that there is none.
    const { status } = await this.#get(path, 'looking for the WebSocket service', { root: '/ws/v2/', accepts: WHATEVER });
    return status !== 404;
  }

  /** Whether the namespace exists; where it does not, its tenant may be looked for, so that it can be made. @throws BUS_REFUSED and others */
  async hasNamespace(): Promise<boolean> {
    if ((await this.#admin.readPolicies(this.#timeoutMs)) !== undefined) return true;
    // Of what is not there Pulsar tells anybody that it is not.
    await this.#admin.hasTenant(this.#timeoutMs);
    return false;
  }

  /** How the topics differ from their definitions. @throws BUS_REFUSED and others */
  compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly TopicDifference[]> {
    return compareTopics(this.#admin, wanted, this.#timeoutMs, this.#settings);
  }

  /** Names of the topics that there are; none where there is no namespace. @throws BUS_REFUSED and others */
  async listTopics(): Promise<readonly string[]> {
    const path = `persistent/${this.#namespace}/partitioned`;
    const { status, value } = await this.#get(path, 'listing topics', { accepts: [404] });
    if (status === 404) return [];
    return namesSchema.parse(value).map((name) => decodeURIComponent(name.slice(name.lastIndexOf('/') + 1)));
  }

  /** How the partitions of a topic are, and how they are read; none of a topic that is not there. @throws BUS_REFUSED and others */
  async readPartitions(topic: string): Promise<readonly PartitionStats[]> {
    const path = `${this.#pathOf(topic)}/partitioned-stats?${STATS}`;
    const { status, value } = await this.#get(path, `reading the figures of ${topic}`, { accepts: [404] });
    return status === 404 ? [] : parsePartitionStats(topic, value);
  }

  /** How a topic is stored; undefined where there is none. @throws BUS_REFUSED and others */
  async readStorage(topic: string): Promise<TopicStorage | undefined> {
    const path = `${this.#pathOf(topic)}/partitioned-internalStats`;
    const { status, value } = await this.#get(path, `reading the ledgers of ${topic}`, { accepts: [404] });
    if (status === 404) return undefined;
    const partitions = Object.values(ledgersSchema.parse(value).partitions);
    const closed = partitions.flatMap(({ ledgers }) => ledgers.slice(0, -1)).filter(({ offloaded }) => !offloaded);
    return {
      entries: partitions.reduce((sum, { numberOfEntries }) => sum + numberOfEntries, 0),
      closedBytes: closed.reduce((sum, { size }) => sum + size, 0),
    };
  }

  /** The newest message of a partition; undefined where there is none. @throws BUS_REFUSED and others */
  async readLast(topic: string, partition: number): Promise<LastMessage | undefined> {
    const path = `${this.#pathOf(topic)}-partition-${partition}/examinemessage?initialPosition=latest&messagePosition=1`;
    const { status, value } = await this.#get(path, `reading the last message of ${topic}`, { accepts: [404, 412, 500] });
    return status === 200 ? { body: value } : undefined;
  }

  /** What is set about offloading. @throws BUS_REFUSED and others */
  async readOffload(): Promise<OffloadSettings> {
    const { status, value } = await this.#get(`namespaces/${this.#namespace}`, 'reading the policies', { accepts: [404] });
    const {
      offload_policies: own,
      offload_threshold: bytes,
      offload_threshold_in_seconds: seconds,
    } = policiesSchema.parse(status === 404 ? {} : value);
    return {
      driver: own?.managedLedgerOffloadDriver ?? undefined,
      thresholdBytes: own?.managedLedgerOffloadThresholdInBytes ?? bytes ?? undefined,
      thresholdSeconds: own?.managedLedgerOffloadThresholdInSeconds ?? seconds ?? undefined,
    };
  }

  #pathOf(topic: string): string {
    return `persistent/${this.#namespace}/${encodeURIComponent(topic)}`;
  }

  #get(path: string, doing: string, { webUrl, ...rest }: GetOptions = {}): Promise<AdminAnswer> {
    const call: AdminCall = { method: 'GET', path, doing, ...rest };
    return callAdmin(webUrl === undefined ? this.#access : { ...this.#access, webUrl }, call, this.#timeoutMs);
  }
}

interface GetOptions extends Pick<AdminCall, 'accepts' | 'root'> {
  /** Of a certain broker. */
  readonly webUrl?: string;
}
