// Opens the stores on DynamoDB for a test file: one local server, a proxy before it, tables of its own for each test.
import { afterAll } from 'vitest';
import { MemoryPayloadStore } from '../../src/adapters/embedded/payloads/memory-payload-store.ts';
import type { AwsPlace } from '../../src/adapters/aws-calls/client-settings.ts';
import { createDynamoClient, type DynamoClient } from '../../src/adapters/dynamodb/dynamo-client.ts';
import { createDynamoRunStore, type DynamoRunStore } from '../../src/adapters/dynamodb/dynamo-run-store.ts';
import { createDynamoTimerStore, type DynamoTimerStore } from '../../src/adapters/dynamodb/dynamo-timer-store.ts';
import type { TableDefinition } from '../../src/platform/tables.ts';
import type { PayloadStore } from '../../src/ports/payload-store.ts';
import type { Harness } from './harness.ts';
import { makeName } from './harness.ts';
import { createTable } from '../support/dynamodb/create-table.ts';
import { openFaultProxy, type FaultProxy } from '../support/dynamodb/fault-proxy.ts';
import { makeShiftedClock, type ShiftedClock } from '../support/dynamodb/shifted-clock.ts';
import { startDynamoDbLocal } from '../support/dynamodb/start-dynamodb-local.ts';

/** A server behind a proxy. */
export interface Dynamo {
  /** By way of the proxy. */
  readonly place: AwsPlace;
  readonly direct: AwsPlace;
  readonly proxy: FaultProxy;
}

/** A server for one test file, or why there is none: that fails in CI, and skips on a laptop. */
export interface FoundDynamo {
  /** A reason to put behind a name; empty when there is a server. */
  readonly missing: string;
  use(): Dynamo;
}

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts a server now, and stops it after the file's last test. */
export const startDynamo = async (): Promise<FoundDynamo> => {
  try {
    const server = await startDynamoDbLocal();
    const proxy = await openFaultProxy(server.port);
    afterAll(async () => {
      await proxy.stop();
      await server.stop();
    });
    const place = { region: 'us-east-1', credentials: CREDENTIALS };
    const found = { place: { ...place, endpoint: proxy.endpoint }, direct: { ...place, endpoint: server.endpoint }, proxy };
    return { missing: '', use: () => found };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    const use = (): never => {
      throw error;
    };
    return { missing: ` (skipped: ${error instanceof Error ? error.message : String(error)})`, use };
  }
};

/** What a store is made of. */
export interface StoreParts {
  readonly client: DynamoClient;
  readonly table: string;
  readonly payloads: PayloadStore;
  readonly clock: ShiftedClock;
  readonly report: (error: unknown, doing: string) => void;
}

/** A store, and how to deal with what it does in the background. */
export interface OpenedStore<P> {
  readonly port: P;
  readonly settle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A harness that knows its parts. */
export interface DynamoHarness<P> extends Harness<P> {
  readonly clock: ShiftedClock;
  readonly parts: StoreParts;
  /** Troubles of the background. */
  readonly troubles: readonly string[];
  /** One more store on the same table, as another process has it. */
  openAnother(more?: Partial<StoreParts>): OpenedStore<P>;
}

/** Makes a run store of its parts. */
export const makeRunStore =
  (looseBytes?: number) =>
  (parts: StoreParts): OpenedStore<DynamoRunStore> => {
    const port = createDynamoRunStore({ ...parts, ...(looseBytes !== undefined && { looseBytes }) });
    return { port, settle: () => port.settle(), close: () => port.close() };
  };

/** Makes a timer store of its parts. */
export const makeTimerStore = (parts: StoreParts): OpenedStore<DynamoTimerStore> => ({
  port: createDynamoTimerStore(parts),
  settle: async () => undefined,
  close: async () => undefined,
});

/** Opens a store on an empty table. */
export const openDynamo = async <P>(
  { place, direct, proxy }: Dynamo,
  definition: TableDefinition,
  create: (parts: StoreParts) => OpenedStore<P>,
): Promise<DynamoHarness<P>> => {
  proxy.clear();
  const clock = makeShiftedClock();
  const troubles: string[] = [];
  const table = await createTable(direct, makeName('test'), definition);
  const clients: DynamoClient[] = [];
  const openParts = (): StoreParts => {
    const client = createDynamoClient(place);
    clients.push(client);
    return { client, table, payloads, clock, report: (error, doing) => void troubles.push(`${doing}: ${String(error)}`) };
  };
  const payloads = new MemoryPayloadStore();
  const parts = openParts();
  let opened = create(parts);
  return {
    get port() {
      return opened.port;
    },
    clock,
    parts,
    troubles,
    openAnother: (more = {}) => create({ ...openParts(), ...more }),
    passTime: async (ms) => clock.advance(ms),
    quiet: async () => opened.settle(),
    reopen: async () => {
      await opened.close();
      opened = create(openParts());
    },
    close: async () => {
      proxy.clear();
      await opened.close();
      for (const client of clients) client.close();
    },
  };
};
