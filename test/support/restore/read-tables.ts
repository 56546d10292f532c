// Reads runs from the tables, which are the truth, through the store that the connector has.
import { createDynamoClient } from '../../../src/adapters/dynamodb/dynamo-client.ts';
import { createDynamoRunStore } from '../../../src/adapters/dynamodb/dynamo-run-store.ts';
import type { AwsPlace } from '../../../src/adapters/aws-calls/client-settings.ts';
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { nameTable, runsTable } from '../../../src/platform/tables.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import type { RunEvent } from '../../../src/protocol/events.ts';

/** A run as the table has it. */
export interface TableRun {
  readonly run: string;
  readonly commits: readonly Commit[];
  /** With the epoch of their commits. */
  readonly events: readonly { readonly epoch: number; readonly event: RunEvent }[];
}

const CALL = { timeoutMs: 30_000 };

const fail = (error: unknown): never => {
  throw error;
};

/** Loads runs. */
export const readRuns = async (place: AwsPlace, prefix: string, runs: Iterable<string>): Promise<readonly TableRun[]> => {
  // No value of this app is so large that it would lie outside of the table.
  const beside = await openEmbeddedStore({ memory: true, clock: systemClock, report: fail });
  const client = createDynamoClient(place);
  const parts = { client, clock: systemClock, report: fail, payloads: beside.payloads };
  const store = createDynamoRunStore({ ...parts, table: nameTable(prefix, runsTable) });
  try {
    const found: TableRun[] = [];
    for (const run of runs) {
      const commits = await store.load(run, CALL);
      found.push({ run, commits, events: commits.flatMap(({ epoch, events }) => events.map((event) => ({ epoch, event }))) });
    }
    return found;
  } finally {
    await store.close();
    client.close();
    await beside.close();
  }
};
