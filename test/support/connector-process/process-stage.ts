// A namespace on a cluster with a store process and connector processes of its own, and a bus to play on it from the test.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PulsarBus } from '../../../src/adapters/pulsar/pulsar-bus.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { bundleApp, type BundledFunction } from '../../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../../src/bundle/bundle-timer.ts';
import type { Letter } from '../../../src/engine/outbox/derivation.ts';
import { topics } from '../../../src/protocol/topics.ts';
import { followHistory } from '../../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../../src/query/projection.ts';
import { shareBundles } from '../cluster/share-bundles.ts';
import type { Cluster } from '../cluster/start-cluster.ts';
import type { ConnectorProcessSettings } from './connector-settings.ts';
import { NodeProcess } from './node-process.ts';
import type { Note } from './notes.ts';
import { openBus, type Transport } from './open-bus.ts';
import { connectStore, type RemoteStore } from './remote-store.ts';

/** What is played on. */
export interface ProcessStage {
  /** With its tenant. */
  readonly namespace: string;
  readonly bus: PulsarBus;
  readonly store: RemoteStore;
  readonly projection: Projection;
  /** Starts one more connector and waits until it reads. */
  addConnector(): Promise<NodeProcess>;
  /** Publishes until it was answered, as a client does: what may have been published is marked. */
  publish(letters: readonly Letter[]): Promise<void>;
  /** What all connectors noted so far. */
  readNotes(): Promise<readonly (Note & { readonly connector: string })[]>;
  close(): Promise<void>;
}

const CALL = { timeoutMs: 30_000 };
const PUBLISH_TRIES = 20;
const PUBLISH_TIMEOUT_MS = 10_000;
const AGAIN_AFTER_MS = 500;
/** Far timers are those of more than half a minute here, so that a test meets them. */
const SETTINGS: ConnectorProcessSettings['settings'] = { inboxPartitions: 8, timerHorizonMs: 10_000, moverIntervalMs: 2000 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const publishUntilDone = async (bus: PulsarBus, letters: readonly Letter[]): Promise<void> => {
  for (let tries = 1; ; tries++) {
    try {
      await bus.publish(
        letters.map((letter) => ({ ...letter, again: tries > 1 })),
        { timeoutMs: PUBLISH_TIMEOUT_MS },
      );
      return;
    } catch (error) {
      if (tries === PUBLISH_TRIES) throw error;
      await pause(AGAIN_AFTER_MS);
    }
  }
};

const bundle = async (entries: readonly string[], folder: string, store: RemoteStore): Promise<readonly BundledFunction[]> => {
  const functions = [...(await bundleTimer({ outDir: join(folder, 'timer') })).functions];
  for (const [index, entry] of entries.entries()) {
    const made = await bundleApp(entry, { outDir: join(folder, String(index)), deployment: 'test' });
    await store.registry.put(made.manifest, CALL);
    functions.push(...made.functions);
  }
  return functions;
};

/**
 * Sets a stage up.
 *
 * @param name - of the namespace
 * @param entries - of the apps
 */
export const openStage = async (
  cluster: Cluster,
  transport: Transport,
  name: string,
  entries: readonly string[],
): Promise<ProcessStage> => {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-stage-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'notes'));
    const socket = join(folder, 'store.sock');
    const storeProcess = new NodeProcess('store', 'store-main.ts', join(folder, 'notes'), [join(folder, 'data'), socket]);
    closers.push(() => storeProcess.stop());
    await storeProcess.waitUntilReady();
    const store = connectStore(socket);
    closers.push(() => store.close());
    const functions = await bundle(entries, join(folder, 'bundles'), store);
    const place = { webUrl: cluster.webUrl, brokerUrl: cluster.brokerUrl, tenant: 'faults', namespace: name, ...cluster.credentials };
    const bus = await openBus(transport, place, () => undefined);
    closers.push(() => bus.close());
    const declared = Object.values({ ...topics, inbox: { ...topics.inbox, partitions: SETTINGS.inboxPartitions } });
    await bus.declareTopics(declared, CALL);
    const namespace = `${place.tenant}/${place.namespace}`;
    const partitions = declared.flatMap((topic) =>
      Array.from({ length: topic.partitions }, (_, partition) => `${topic.name}-partition-${partition}`),
    );
    // Without it, brokers share them out by themselves.
    if (cluster.credentials === undefined) await shareBundles(cluster.webUrl, namespace, partitions, cluster.brokers);
    const projection = createProjection(systemClock);
    const follower = await followHistory(bus, projection, () => undefined);
    closers.push(() => follower.stop());
    const connectors: NodeProcess[] = [];
    closers.push(async () => void (await Promise.all(connectors.map((connector) => connector.kill()))));
    const addConnector = async (): Promise<NodeProcess> => {
      const settings: ConnectorProcessSettings = { socket, transport, access: place, functions: [...functions], settings: SETTINGS };
      const parameters = [JSON.stringify(settings)];
      const connector = new NodeProcess(`connector-${connectors.length}`, 'connector-main.ts', join(folder, 'notes'), parameters);
      connectors.push(connector);
      await connector.waitUntilReady();
      return connector;
    };
    const readNotes: ProcessStage['readNotes'] = async () => {
      const notes = await Promise.all(
        connectors.map(async (connector) => (await connector.readNotes()).map((note) => ({ ...note, connector: connector.name }))),
      );
      return notes.flat();
    };
    return { namespace, bus, store, projection, addConnector, publish: (letters) => publishUntilDone(bus, letters), readNotes, close };
  } catch (error) {
    await close();
    throw error;
  }
};
