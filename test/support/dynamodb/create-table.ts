// Makes a table as its definition says, on a stand-in.
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { makeClientSettings, type AwsPlace } from '../../../src/adapters/aws-calls/client-settings.ts';
import { nameTable, type TableDefinition } from '../../../src/platform/tables.ts';

const WAIT_SECONDS = 60;

/** Makes one table and waits until it can be used; without what a stand-in has no use for: recovery, protection, time to live. */
export const createTable = async (place: AwsPlace, prefix: string, definition: TableDefinition): Promise<string> => {
  const client = new DynamoDBClient(makeClientSettings(place));
  const { partitionKey, sortKey } = definition;
  const name = nameTable(prefix, definition);
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          { AttributeName: sortKey, KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [partitionKey, sortKey].map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' })),
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1 }, { TableName: name });
    return name;
  } finally {
    client.destroy();
  }
};
