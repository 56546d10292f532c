// An engine whose connector and functions can be taken away and brought back over the same store: whatever it knew of its runs is gone then.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../src/adapters/embedded/embedded-store.ts';
import { openLocalFunctions, type LocalFunctions } from '../src/adapters/local-functions/local-functions.ts';
import { systemClock } from '../src/adapters/system-clock/system-clock.ts';
import { bundleApp } from '../src/bundle/bundle-app.ts';
import { bundleTimer } from '../src/bundle/bundle-timer.ts';
import { startConnector } from '../src/connector/connector.ts';
import type { Bus } from '../src/ports/bus.ts';
import { topics } from '../src/protocol/topics.ts';
import { PROTOCOL_VERSION } from '../src/protocol/version.ts';
import { followHistory } from '../src/query/follow-history.ts';
import { createProjection, type Projection } from '../src/query/projection.ts';

/** The part of the engine that stays. */
export interface ColdEngine {
  readonly bus: Bus;
  readonly projection: Projection;
  /** Starts fresh threads and a fresh connector, which work until `isDone` resolves, then end. @returns milliseconds that they worked */
  work(isDone: () => Promise<unknown>): Promise<number>;
}

const report = (error: unknown, doing: string): void => console.error(doing, error);

/** Has the code of functions loaded, whatever they answer: the start of threads is measured elsewhere. */
const load = async (functions: LocalFunctions, files: readonly { readonly name: string }[]): Promise<void> => {
  const nothing = JSON.stringify({ v: PROTOCOL_VERSION, now: 0, links: {}, runs: [], failures: [], dues: [] });
  await Promise.all(files.map(({ name }) => functions.invoke(name, nothing, { timeoutMs: 10_000 })));
};

/** Opens the store with one app, measures on it, and closes it. */
export const onColdEngine = async <T>(entry: string, measure: (engine: ColdEngine) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-bench-'));
  const [store, bundle, timer] = await Promise.all([
    openEmbeddedStore({ folder, clock: systemClock, report }),
    bundleApp(entry, { outDir: join(folder, 'app'), deployment: 'bench' }),
    bundleTimer({ outDir: join(folder, 'timer') }),
  ]);
  await store.registry.put(bundle.manifest, { timeoutMs: 10_000 });
  const { bus, runs, timers, payloads, registry } = store;
  await bus.declareTopics([topics.inbox], { timeoutMs: 10_000 });
  const projection = createProjection(systemClock);
  const follower = await followHistory(bus, projection, report);
  const work: ColdEngine['work'] = async (isDone) => {
    const functions = openLocalFunctions({ clock: systemClock });
    for (const made of [bundle, timer]) functions.install(made);
    await load(functions, [...bundle.functions, ...timer.functions]);
    const from = performance.now();
    const ports = { bus, runs, timers, payloads, registry, functions, clock: systemClock, newId: randomUUID, report };
    const connector = await startConnector(ports);
    await isDone();
    const workedMs = performance.now() - from;
    await connector.stop();
    await functions.close();
    return workedMs;
  };
  try {
    return await measure({ bus, projection, work });
  } finally {
    await follower.stop();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
};
