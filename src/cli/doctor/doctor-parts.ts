// The parts that the doctor looks at, as far as it looks: adapters fit in here, and tests give states in their place.
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { TopicDefinition } from '../../protocol/topics.ts';
import type { Functions } from '../../ports/functions.ts';

/** Where a Pulsar is. */
export interface PulsarPlace {
  /** The web service of brokers or proxies. */
  readonly webUrl: string;
  readonly tenant: string;
  readonly namespace: string;
  /** How the command line names it, for commands that are to be copied. */
  readonly flags: string;
  /** The way that `dev` would go: the native client where it can be loaded, unless one was chosen. */
  readonly adapter: 'native' | 'websocket';
}

/** One who reads a partition. */
export interface ConsumerState {
  readonly name: string;
  readonly address: string;
  readonly permits: number;
  readonly unacked: number;
  readonly isBlocked: boolean;
}

/** A subscription of one partition. */
export interface SubscriptionState {
  readonly name: string;
  readonly backlog: number;
  readonly backlogBytes: number;
  readonly delayed: number;
  readonly unacked: number;
  readonly isBlocked: boolean;
  /** Milliseconds since the epoch. */
  readonly oldestAt: number | undefined;
  readonly delivered: number;
  readonly ackedAt: number;
  readonly consumers: readonly ConsumerState[];
}

/** One partition of a topic. */
export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  readonly storedBytes: number;
  readonly backlogBytes: number;
  readonly quotaBytes: number;
  readonly waitingPublishers: number;
  readonly offloadedBytes: number;
  readonly offloadSucceededAt: number;
  readonly offloadFailedAt: number;
  readonly subscriptions: readonly SubscriptionState[];
}

/** How a topic is stored. */
export interface StorageState {
  readonly entries: number;
  readonly closedBytes: number;
}

/** What is set about offloading. */
export interface OffloadState {
  readonly driver: string | undefined;
  readonly thresholdBytes: number | undefined;
  readonly thresholdSeconds: number | undefined;
}

/** Reads of a Pulsar; all throw errors with a code. */
export interface PulsarReads {
  ask(webUrl: string): Promise<{ readonly status: number; readonly version: string; readonly servedAt: number | undefined }>;
  readHealth(webUrl: string): Promise<string>;
  listBrokers(): Promise<readonly string[]>;
  readSettings(webUrl: string, keys: readonly string[]): Promise<Readonly<Record<string, string>>>;
  offersWebSocket(): Promise<boolean>;
  hasNamespace(): Promise<boolean>;
  compareTopics(wanted: readonly TopicDefinition[]): Promise<readonly { readonly text: string; readonly hint?: string }[]>;
  listTopics(): Promise<readonly string[]>;
  readPartitions(topic: string): Promise<readonly PartitionState[]>;
  readStorage(topic: string): Promise<StorageState | undefined>;
  readLast(topic: string, partition: number): Promise<{ readonly body: unknown } | undefined>;
  readOffload(): Promise<OffloadState>;
}

/** A Pulsar that is looked at. */
export interface PulsarPart extends PulsarReads {
  readonly place: PulsarPlace;
  /** Resolves when the web service answers anything; asked once, however many want to know. */
  reach(): Promise<void>;
  /** Addresses of the binary protocol, for the native client; undefined where none was named and there is no topic to find one by. */
  findBrokerUrl(): Promise<string | undefined>;
  /** Resolves when a connection to a port can be made. */
  connect(host: string, port: number): Promise<void>;
  /** Resolves when the native client can be loaded. */
  loadNativeClient(): Promise<void>;
}

/** An app whose functions are looked at, or why it cannot be had. */
export type AppState =
  | { readonly entry: string; readonly manifest: Manifest }
  | { readonly entry: string; readonly code: ErrorCode; readonly message: string; readonly hint: string };

/** The data folder. */
export interface DataState {
  readonly exists: boolean;
  /** Says who has it; undefined when nobody has. */
  readonly holder: string | undefined;
  /** Files and folders in it that this process may not read and write. */
  readonly closed: readonly string[];
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** All that is looked at. */
export interface DoctorParts {
  /** Undefined where no Pulsar was named. */
  readonly pulsar: PulsarPart | undefined;
  /** Partitions that `inbox` is to have. */
  readonly inboxPartitions: number;
  readonly functions: Pick<Functions, 'invoke'>;
  /** Apps that were named, bundled and installed in `functions`; made once, however many want to know. */
  listApps(): Promise<readonly AppState[]>;
  readonly data: { readonly folder: string; read(): Promise<DataState> };
  /** `check` resolves when an API answers at the URL. */
  readonly api: { readonly url: string; check(): Promise<void> };
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after some time; rejects when the check is over. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}
