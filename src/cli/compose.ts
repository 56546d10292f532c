// The composition root of the commands: a whole engine in this process, on embedded stores and a bus of choice; what looks after a Pulsar.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lockFolder } from '../adapters/embedded/files/folder-lock.ts';
import { openEmbeddedStore, type EmbeddedStore, type EmbeddedStoreStats } from '../adapters/embedded/embedded-store.ts';
import { openIsolatedFunctions } from '../adapters/isolated-functions/isolated-functions.ts';
import { openKeyring, type KeyringPlace, type OpenKeyring } from '../adapters/keyring-choice/open-keyring.ts';
import { findOfficialClient } from '../adapters/isolated-functions/official-client.ts';
import { openLocalFunctions, type LocalFunctions } from '../adapters/local-functions/local-functions.ts';
import { loadNativeModule } from '../adapters/pulsar/native-client.ts';
import { watchLoop } from '../adapters/loop-watch/loop-watch.ts';
import { applyTopics, readPresentState } from '../adapters/pulsar-admin/apply-topics.ts';
import { findBrokerUrl } from '../adapters/pulsar-admin/find-broker-url.ts';
import { NamespaceMark } from '../adapters/pulsar-admin/namespace-mark.ts';
import { describeChange, planTopics, type TopicChange } from '../adapters/pulsar-admin/plan-topics.ts';
import { PulsarAdmin } from '../adapters/pulsar-admin/pulsar-admin.ts';
import { PulsarInspection } from '../adapters/pulsar-admin/pulsar-inspection.ts';
import { makeNamespaceSettings, openPulsarBus, type OpenPulsarBus } from '../adapters/pulsar-choice/open-pulsar-bus.ts';
import { LocalPulsar, type LocalPulsarOptions } from '../adapters/pulsar-local/local-pulsar.ts';
import { checkKeyMark } from '../adapters/sealed/check-key-mark.ts';
import { sealPorts } from '../adapters/sealed/seal-ports.ts';
import { systemClock } from '../adapters/system-clock/system-clock.ts';
import { bundleApp, type Bundle } from '../bundle/bundle-app.ts';
import { bundleTimer } from '../bundle/bundle-timer.ts';
import { watchApp } from '../bundle/watch-app.ts';
import { startConnector } from '../connector/connector.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { Bus, OutgoingMessage } from '../ports/bus.ts';
import type { Ports } from '../ports/ports.ts';
import type { Registry } from '../ports/registry.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { followHistory } from '../query/follow-history.ts';
import { createProjection, type Projection } from '../query/projection.ts';
import { topics, type TopicDefinition } from '../protocol/topics.ts';
import type { DoctorPieces } from './doctor/compose-parts.ts';
import { pairFolder, type PairedNamespace } from './pair-folder.ts';
import type { PulsarOptions } from './options/pulsar-options.ts';
import { watchPublished } from './watch-published.ts';

/** What an engine is composed of. */
export interface EngineOptions {
  /** Entry files of apps. */
  readonly entries: readonly string[];
  /** Everything durable is kept here; nothing is durable without. */
  readonly folder?: string;
  /** Carries the messages in place of the embedded bus. */
  readonly pulsar?: PulsarOptions;
  /** Each instance of a function is a process that runs as Lambda would run it; threads of this one unless set. */
  readonly isolated?: boolean;
  /** Where the data keys of tenants are; nothing is sealed when left out. */
  readonly keys?: KeyringPlace;
  /** Build an app again when one of its files changes. */
  readonly watch: boolean;
  readonly report: (error: unknown, doing: string) => void;
  /** Told of an app that was built again. */
  readonly onRebuilt?: (manifest: Manifest) => void;
  /**
   * Told when the engine makes no step any more: the process is to end. One whose event loop stands still cannot be told, and is ended.
   * Nothing is watched when left out.
   */
  readonly onStuck?: (error: StarquakeError) => void;
}

/** A Pulsar that carries the messages of an engine, and how it is spoken to. */
export interface PulsarCarrier extends Omit<OpenPulsarBus, 'bus'> {
  readonly kind: 'pulsar';
  readonly url: string;
  /** `<tenant>/<namespace>`. */
  readonly namespace: string;
}

/** What carries the messages of an engine. */
export type Carrier = { readonly kind: 'embedded' } | PulsarCarrier;

/** An engine that runs in this process. */
export interface Engine {
  readonly ports: Ports;
  readonly carrier: Carrier;
  readonly projection: Projection;
  readonly manifests: readonly Manifest[];
  /** Calls back with every message once it is published; returns how to stop. */
  watchMessages(listener: (message: OutgoingMessage) => void): () => void;
  /** What the embedded store has done since it was opened; messages that a Pulsar carries are not in it. */
  stats(): EmbeddedStoreStats;
  /** Reads no more, finishes what is in hand, closes the store. */
  stop(): Promise<void>;
}

type Closer = () => Promise<void> | void;
type Installable = Pick<LocalFunctions, 'install'>;

/** The one deployment of `dev`, replaced in place (rule 11). */
const DEPLOYMENT = 'dev';

/**
 * Brings an engine up.
 *
 * @throws DATA_IN_USE, DATA_CORRUPT, BUNDLE_FAILED, APP_INVALID
 * @throws DATA_MISMATCH when the folder and what carries its messages do not belong together
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, PULSAR_CLIENT_MISSING, STORE_FAILED, TOPIC_FIXED on a Pulsar
 */
export const composeEngine = async (options: EngineOptions): Promise<Engine> => {
  const closers: Closer[] = [];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    return { ...(await open(options, closers)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Opens one part after another; `closers` learns how to close them, to be called in reverse order. */
const open = async (options: EngineOptions, closers: Closer[]): Promise<Omit<Engine, 'stop'>> => {
  const { entries, folder, report, onStuck, isolated = false } = options;
  if (onStuck !== undefined) closers.push(watchLoop());
  const store = await openEmbeddedStore({ clock: systemClock, report, ...(folder === undefined ? { memory: true } : { folder }) });
  closers.push(() => store.close());
  const listeners = new Set<(message: OutgoingMessage) => void>();
  const { bus: opened, carrier } = await openBus(options, store, closers);
  const { keyring, close: letGoOfKeys } = options.keys
    ? openKeyring(options.keys, systemClock)
    : { keyring: undefined, close: () => undefined };
  closers.push(letGoOfKeys);
  const kept = { bus: opened, runs: store.runs, timers: store.timers, payloads: store.payloads };
  if (keyring !== undefined) await checkKeyMark(store.payloads, keyring, CALL);
  const { bus: sealed, ...stores } = sealPorts(kept, { keyring, clock: systemClock, report, forErased: 'refuse' });
  // Who asks over HTTP is told that a tenant is erased; the loops have nobody to tell, and would try for ever.
  const dropping = sealPorts(kept, { keyring, clock: systemClock, report, forErased: 'drop' });
  const bus = watchPublished(sealed, listeners);
  const officialClient = isolated ? findOfficialClient([process.cwd(), ...entries.map((entry) => dirname(entry))]) : undefined;
  const functions = isolated
    ? openIsolatedFunctions({ clock: systemClock, ...(officialClient !== undefined && { officialClient }) })
    : openLocalFunctions({ clock: systemClock });
  closers.push(() => functions.close());
  const { registry } = store;
  const ports: Ports = { bus, ...stores, registry, functions, clock: systemClock, newId: randomUUID, report };
  const bundles = join(folder ?? (await makeScratch(closers)), 'bundles');
  const [manifests] = await Promise.all([installApps(options, bundles, registry, functions, closers), installTimer(bundles, functions)]);
  const projection = createProjection(systemClock);
  const follower = await followHistory(bus, projection, report);
  closers.push(() => follower.stop());
  const { inboxPartitions } = options.pulsar ?? {};
  const connector = await startConnector(
    { ...ports, ...dropping, bus: watchPublished(dropping.bus, listeners) },
    { separateTenants: keyring !== undefined, ...(inboxPartitions !== undefined && { inboxPartitions }) },
    onStuck,
  );
  closers.push(() => connector.stop());
  const watchMessages: Engine['watchMessages'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { ports, carrier, projection, manifests, watchMessages, stats: () => store.stats() };
};

const CALL = { timeoutMs: 10_000 };
/** For one call of a Pulsar's administration: making 64 partitions takes its time. */
const ADMIN_TIMEOUT_MS = 30_000;

const openBus = async (
  { folder, pulsar, report }: EngineOptions,
  store: EmbeddedStore,
  closers: Closer[],
): Promise<{ readonly bus: Bus; readonly carrier: Carrier }> => {
  const pairing = { folder: folder ?? '', holdsHistory: store.stats().liveBytes > 0 };
  if (pulsar === undefined) {
    if (folder !== undefined) await pairFolder(pairing);
    return { bus: store.bus, carrier: { kind: 'embedded' } };
  }
  const { access, inboxPartitions } = pulsar;
  const admin = new PulsarAdmin(access);
  const settings = makeNamespaceSettings(pulsar);
  const leaveMarks = await pairFolder({ ...pairing, namespace: describeNamespace(pulsar, admin) });
  await applyTopics(admin, Object.values(listTopics(inboxPartitions)), ADMIN_TIMEOUT_MS, settings);
  await leaveMarks();
  const { bus, ...made } = await openPulsarBus(pulsar, { clock: systemClock, report });
  closers.push(() => bus.close());
  return { bus, carrier: { kind: 'pulsar', url: access.webUrl, namespace: `${access.tenant}/${access.namespace}`, ...made } };
};

const listTopics = (inboxPartitions: number): Readonly<Record<string, TopicDefinition>> => ({
  ...topics,
  inbox: { ...topics.inbox, partitions: inboxPartitions },
});

const describeNamespace = ({ access }: PulsarOptions, admin: PulsarAdmin): PairedNamespace => {
  const mark = new NamespaceMark(access, ADMIN_TIMEOUT_MS);
  const history = topics.history.name;
  return {
    name: `${access.tenant}/${access.namespace} at ${access.webUrl}`,
    readMark: () => mark.read(),
    writeMark: (id) => mark.write(id),
    holdsHistory: async () => {
      const partitions = (await admin.countPartitions(history, ADMIN_TIMEOUT_MS)) ?? 0;
      const ends = await Promise.all(Array.from({ length: partitions }, (_, i) => admin.findLast(history, i, ADMIN_TIMEOUT_MS)));
      return ends.some(({ entry }) => entry >= 0);
    },
  };
};

/** A change to a namespace or a topic, also as a line for people. */
export type DescribedChange = TopicChange & { readonly text: string };

/** Makes topics as they are defined, or only says what it would do. */
export interface TopicAdministration {
  plan(jobs: readonly TopicDefinition[]): Promise<readonly DescribedChange[]>;
  apply(jobs: readonly TopicDefinition[]): Promise<readonly DescribedChange[]>;
}

/** Looks after the topics of a namespace: those that every namespace has, and those of jobs that are given. */
export const openTopicAdministration = (pulsar: PulsarOptions): TopicAdministration => {
  const admin = new PulsarAdmin(pulsar.access);
  const settings = makeNamespaceSettings(pulsar);
  const addTo = (jobs: readonly TopicDefinition[]): readonly TopicDefinition[] => [
    ...Object.values(listTopics(pulsar.inboxPartitions)),
    ...jobs,
  ];
  const describe = (changes: readonly TopicChange[]): readonly DescribedChange[] =>
    changes.map((change) => ({ ...change, text: describeChange(change) }));
  return {
    plan: async (jobs) => describe(planTopics(await readPresentState(admin, addTo(jobs), ADMIN_TIMEOUT_MS), addTo(jobs), settings)),
    apply: async (jobs) => describe(await applyTopics(admin, addTo(jobs), ADMIN_TIMEOUT_MS, settings)),
  };
};

export type { KeyringPlace } from '../adapters/keyring-choice/open-keyring.ts';

/** Opens the keys of tenants, for who erases one. */
export const openKeys = (place: KeyringPlace): OpenKeyring => openKeyring(place, systemClock);

export type { LocalPulsar, LocalPulsarStatus } from '../adapters/pulsar-local/local-pulsar.ts';

/** The Pulsar of this machine. */
export const openLocalPulsar = (options: LocalPulsarOptions): LocalPulsar => new LocalPulsar(options);

/** What the doctor looks with. */
export const doctorPieces: DoctorPieces = {
  clock: systemClock,
  inspectPulsar: (access, timeoutMs, settings) => new PulsarInspection(access, timeoutMs, settings),
  findBrokerUrl,
  loadNativeClient: loadNativeModule,
  openFunctions: () => openLocalFunctions({ clock: systemClock }),
  lockFolder,
};

/** A manifest that replaces another in place remembers the schedules that are gone, so that they are paused. */
const replaceManifest = (replaced: Manifest, manifest: Manifest): Manifest => {
  const present = new Set(manifest.schedules.map(({ name }) => name));
  const before = [...replaced.schedules.map(({ name }) => name), ...(replaced.goneSchedules ?? [])];
  return { ...manifest, goneSchedules: [...new Set(before)].filter((name) => !present.has(name)) };
};

const makeScratch = async (closers: Closer[]): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const installTimer = async (bundles: string, functions: Installable): Promise<void> =>
  functions.install(await bundleTimer({ outDir: join(bundles, 'starquake') }));

const installApps = (
  { entries, watch, report, onRebuilt }: EngineOptions,
  bundles: string,
  registry: Registry,
  functions: Installable,
  closers: Closer[],
): Promise<Manifest[]> => {
  const take = async (bundle: Bundle): Promise<Manifest> => {
    functions.install(bundle);
    const { app, deployment } = bundle.manifest;
    const replaced = (await registry.list(CALL)).find((known) => known.app === app && known.deployment === deployment);
    const manifest = replaced ? replaceManifest(replaced, bundle.manifest) : bundle.manifest;
    await registry.put(manifest, CALL);
    return manifest;
  };
  return Promise.all(
    entries.map(async (entry, i) => {
      const bundleOptions = { outDir: join(bundles, String(i)), deployment: DEPLOYMENT };
      if (!watch) return await take(await bundleApp(entry, bundleOptions));
      return await new Promise<Manifest>((resolve, reject) => {
        let isFirst = true;
        const onBundle = (made: Bundle | StarquakeError): void => {
          const wasFirst = isFirst;
          isFirst = false;
          if (made instanceof StarquakeError) return wasFirst ? reject(made) : report(made, `building ${entry} again`);
          take(made).then(
            (manifest) => (wasFirst ? resolve(manifest) : onRebuilt?.(manifest)),
            (error: unknown) =>
              reject(error instanceof Error ? error : new StarquakeError('INTERNAL', `Taking up ${entry} failed.`, { cause: error })),
          );
        };
        watchApp(entry, bundleOptions, onBundle).then((watching) => closers.push(() => watching.close()), reject);
      });
    }),
  );
};
