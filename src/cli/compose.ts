// The composition root of `dev` and `demo`: a whole engine in this process, on embedded adapters.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore, type EmbeddedStoreStats } from '../adapters/embedded/embedded-store.ts';
import { openLocalFunctions, type LocalFunctions } from '../adapters/local-functions/local-functions.ts';
import { watchLoop } from '../adapters/loop-watch/loop-watch.ts';
import { systemClock } from '../adapters/system-clock/system-clock.ts';
import { bundleApp, type Bundle } from '../bundle/bundle-app.ts';
import { bundleTimer } from '../bundle/bundle-timer.ts';
import { watchApp } from '../bundle/watch-app.ts';
import { startConnector } from '../connector/connector.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { OutgoingMessage } from '../ports/bus.ts';
import type { Ports } from '../ports/ports.ts';
import type { Registry } from '../ports/registry.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { followHistory } from '../query/follow-history.ts';
import { createProjection, type Projection } from '../query/projection.ts';
import { watchPublished } from './watch-published.ts';

/** What an engine is composed of. */
export interface EngineOptions {
  /** Entry files of apps. */
  readonly entries: readonly string[];
  /** Everything durable is kept here; nothing is durable without. */
  readonly folder?: string;
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

/** An engine that runs in this process. */
export interface Engine {
  readonly ports: Ports;
  readonly projection: Projection;
  readonly manifests: readonly Manifest[];
  /** Calls back with every message once it is published; returns how to stop. */
  watchMessages(listener: (message: OutgoingMessage) => void): () => void;
  /** What the store has done since it was opened. */
  stats(): EmbeddedStoreStats;
  /** Reads no more, finishes what is in hand, closes the store. */
  stop(): Promise<void>;
}

type Closer = () => Promise<void> | void;

/** The one deployment of `dev`, replaced in place (rule 11). */
const DEPLOYMENT = 'dev';

/**
 * Brings an engine up.
 *
 * @throws DATA_IN_USE, DATA_CORRUPT, BUNDLE_FAILED, APP_INVALID
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
  const { folder, report, onStuck } = options;
  if (onStuck !== undefined) closers.push(watchLoop());
  const store = await openEmbeddedStore({ clock: systemClock, report, ...(folder === undefined ? { memory: true } : { folder }) });
  closers.push(() => store.close());
  const functions = openLocalFunctions({ clock: systemClock });
  closers.push(() => functions.close());
  const listeners = new Set<(message: OutgoingMessage) => void>();
  const bus = watchPublished(store.bus, listeners);
  const { runs, timers, payloads, registry } = store;
  const ports: Ports = { bus, runs, timers, payloads, registry, functions, clock: systemClock, newId: randomUUID, report };
  const bundles = join(folder ?? (await makeScratch(closers)), 'bundles');
  const [manifests] = await Promise.all([installApps(options, bundles, registry, functions, closers), installTimer(bundles, functions)]);
  const projection = createProjection(systemClock);
  const follower = await followHistory(bus, projection, report);
  closers.push(() => follower.stop());
  const connector = await startConnector(ports, {}, onStuck);
  closers.push(() => connector.stop());
  const watchMessages: Engine['watchMessages'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { ports, projection, manifests, watchMessages, stats: () => store.stats() };
};

const CALL = { timeoutMs: 10_000 };

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

const installTimer = async (bundles: string, functions: LocalFunctions): Promise<void> =>
  functions.install(await bundleTimer({ outDir: join(bundles, 'starquake') }));

const installApps = (
  { entries, watch, report, onRebuilt }: EngineOptions,
  bundles: string,
  registry: Registry,
  functions: LocalFunctions,
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
