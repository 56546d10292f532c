// Composes an engine whose runs and timers are in DynamoDB and metered, everything else embedded, on a clock that a test pushes forward.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsPlace } from '../../../src/adapters/aws-calls/client-settings.ts';
import { createDynamoClient } from '../../../src/adapters/dynamodb/dynamo-client.ts';
import { createDynamoRunStore } from '../../../src/adapters/dynamodb/dynamo-run-store.ts';
import { createDynamoTimerStore } from '../../../src/adapters/dynamodb/dynamo-timer-store.ts';
import { runsTable, timersTable } from '../../../src/platform/tables.ts';
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import { openLocalFunctions } from '../../../src/adapters/local-functions/local-functions.ts';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../../src/bundle/bundle-timer.ts';
import { startConnector } from '../../../src/connector/connector.ts';
import type { ConnectorSettings } from '../../../src/connector/context/settings.ts';
import type { Bus } from '../../../src/ports/bus.ts';
import { followHistory } from '../../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../../src/query/projection.ts';
import { createTable } from './create-table.ts';
import { createStoreMeter, type StoreMeter } from './meter-stores.ts';
import { makeShiftedClock, type ShiftedClock } from './shifted-clock.ts';

const CALL = { timeoutMs: 30_000 };

/** An engine on DynamoDB. */
export interface DynamoEngine {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: ShiftedClock;
  readonly meter: StoreMeter;
  /** What went wrong and was dealt with. */
  readonly troubles: readonly string[];
  stop(): Promise<void>;
}

const openStores = async (place: AwsPlace, clock: ShiftedClock, report: (error: unknown, doing: string) => void) => {
  const store = await openEmbeddedStore({ clock, report, memory: true });
  const client = createDynamoClient(place);
  const parts = { client, clock, report, payloads: store.payloads };
  const runs = createDynamoRunStore({ ...parts, table: await createTable(place, `engine-${randomUUID()}`, runsTable) });
  const timers = createDynamoTimerStore({ ...parts, table: await createTable(place, `engine-${randomUUID()}`, timersTable) });
  const close = async (): Promise<void> => {
    await runs.close();
    client.close();
    await store.close();
  };
  return { store, runs, timers, close };
};

/** Brings an engine up. @param entry - entry file of its app */
export const composeOnDynamo = async (place: AwsPlace, entry: string, settings: Partial<ConnectorSettings>): Promise<DynamoEngine> => {
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const [meter, clock, troubles] = [createStoreMeter(), makeShiftedClock(), new Array<string>()];
    const report = (error: unknown, doing: string): void => void troubles.push(`${doing}: ${String(error)}`);
    const scratch = await mkdtemp(join(tmpdir(), 'starquake-dynamodb-'));
    closers.push(() => rm(scratch, { recursive: true, force: true }));
    const { store, runs, timers, close } = await openStores(place, clock, report);
    closers.push(close);
    const functions = openLocalFunctions({ clock });
    closers.push(() => functions.close());
    functions.install(await bundleTimer({ outDir: join(scratch, 'timer') }));
    const bundle = await bundleApp(entry, { outDir: join(scratch, 'app'), deployment: 'test' });
    functions.install(bundle);
    const { bus, payloads, registry } = store;
    await registry.put(bundle.manifest, CALL);
    const projection = createProjection(clock);
    const follower = await followHistory(bus, projection, report);
    closers.push(() => follower.stop());
    const metered = { runs: meter.meterRuns(runs), timers: meter.meterTimers(timers) };
    const connector = await startConnector({ bus, ...metered, payloads, registry, functions, clock, newId: randomUUID, report }, settings);
    closers.push(() => connector.stop());
    return { bus, projection, clock, meter, troubles, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
