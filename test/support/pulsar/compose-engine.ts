// Composes an engine for tests: a bus of choice, everything else embedded, apps bundled and run in worker threads as in `dev`.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import { openLocalFunctions } from '../../../src/adapters/local-functions/local-functions.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../../src/bundle/bundle-timer.ts';
import { startConnector } from '../../../src/connector/connector.ts';
import type { ConnectorSettings } from '../../../src/connector/context/settings.ts';
import type { Bus } from '../../../src/ports/bus.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import { followHistory } from '../../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../../src/query/projection.ts';

/** An engine under test. */
export interface TestEngine {
  readonly ports: Ports;
  readonly projection: Projection;
  /** What went wrong and was dealt with. */
  readonly troubles: readonly string[];
  stop(): Promise<void>;
}

/** What it is composed of. */
export interface TestEngineOptions {
  /** Entry files of apps. */
  readonly entries: readonly string[];
  /** In place of the embedded bus. */
  readonly bus?: Bus;
  readonly settings?: Partial<ConnectorSettings>;
  /** The connector's, in place of this machine's; the bus, the stores and the functions keep to that. */
  readonly clock?: Clock;
}

const CALL = { timeoutMs: 30_000 };

/** Brings an engine up. */
export const composeTestEngine = async ({ entries, bus, settings = {}, clock = systemClock }: TestEngineOptions): Promise<TestEngine> => {
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const troubles: string[] = [];
    const report = (error: unknown, doing: string): void => void troubles.push(`${doing}: ${String(error)}`);
    const scratch = await mkdtemp(join(tmpdir(), 'starquake-engine-'));
    closers.push(() => rm(scratch, { recursive: true, force: true }));
    const store = await openEmbeddedStore({ clock: systemClock, report, folder: join(scratch, 'data') });
    closers.push(() => store.close());
    const functions = openLocalFunctions({ clock: systemClock });
    closers.push(() => functions.close());
    const { runs, timers, payloads, registry } = store;
    const ports: Ports = {
      bus: bus ?? store.bus,
      runs,
      timers,
      payloads,
      registry,
      functions,
      clock,
      newId: randomUUID,
      report,
    };
    functions.install(await bundleTimer({ outDir: join(scratch, 'timer') }));
    for (const [index, entry] of entries.entries()) {
      const bundle = await bundleApp(entry, { outDir: join(scratch, String(index)), deployment: 'test' });
      functions.install(bundle);
      await registry.put(bundle.manifest, CALL);
    }
    const projection = createProjection(systemClock);
    const follower = await followHistory(ports.bus, projection, report);
    closers.push(() => follower.stop());
    const connector = await startConnector(ports, settings);
    closers.push(() => connector.stop());
    return { ports, projection, troubles, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
