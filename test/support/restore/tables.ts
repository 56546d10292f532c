// Plays point-in-time recovery on the local stand-in: takes all items of the tables as they are now, loses the tables, puts them back.
import { BatchWriteItemCommand, DeleteTableCommand, DynamoDBClient, paginateScan, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { makeClientSettings, type AwsPlace } from '../../../src/adapters/aws-calls/client-settings.ts';
import { nameTable, runsTable, timersTable, type TableDefinition } from '../../../src/platform/tables.ts';
import { createTable } from '../dynamodb/create-table.ts';

type Items = readonly Record<string, AttributeValue>[];

/** Where the tables are, and how their names begin. */
export interface Tables {
  readonly place: AwsPlace;
  readonly prefix: string;
}

/** Both tables as they were. */
export type TablesThen = ReadonlyMap<TableDefinition, Items>;

const BATCH = 25;
const restored: readonly TableDefinition[] = [runsTable, timersTable];

const within = async <T>(place: AwsPlace, work: (client: DynamoDBClient) => Promise<T>): Promise<T> => {
  const client = new DynamoDBClient(makeClientSettings(place));
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};

/** All items; consistent as nobody writes meanwhile. */
export const copyTables = ({ place, prefix }: Tables): Promise<TablesThen> =>
  within(place, async (client) => {
    const copies = new Map<TableDefinition, Items>();
    for (const definition of restored) {
      const items: Record<string, AttributeValue>[] = [];
      const pages = paginateScan({ client }, { TableName: nameTable(prefix, definition), ConsistentRead: true });
      for await (const { Items: page = [] } of pages) items.push(...page);
      copies.set(definition, items);
    }
    return copies;
  });

/** Loses both tables, then puts them back under their names. */
export const putBackTables = ({ place, prefix }: Tables, then: TablesThen): Promise<void> =>
  within(place, async (client) => {
    for (const [definition, items] of then) {
      const name = nameTable(prefix, definition);
      await client.send(new DeleteTableCommand({ TableName: name }));
      await createTable(place, prefix, definition);
      for (let from = 0; from < items.length; from += BATCH) {
        const puts = items.slice(from, from + BATCH).map((Item) => ({ PutRequest: { Item } }));
        const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: puts } }));
        if (Object.keys(UnprocessedItems).length > 0) throw new Error(`The stand-in did not take all items of ${name}.`);
      }
    }
  });
