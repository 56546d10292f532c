// Does what DynamoDB does with items whose time to live is over, when a test says so.
import { BatchWriteItemCommand, DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { makeClientSettings, type AwsPlace } from '../../../src/adapters/aws-calls/client-settings.ts';
import { runsTable } from '../../../src/platform/tables.ts';

const BATCH_LIMIT = 25;

/** All items of a table. */
export const scanItems = async (place: AwsPlace, table: string): Promise<readonly Record<string, AttributeValue>[]> => {
  const client = new DynamoDBClient(makeClientSettings(place));
  try {
    const items: Record<string, AttributeValue>[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: from }));
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  } finally {
    client.destroy();
  }
};

/** Deletes what has expired in the runs table by `now`, milliseconds since the epoch; answers how much that was. */
export const expireItems = async (place: AwsPlace, table: string, now: number): Promise<number> => {
  const { partitionKey, sortKey, timeToLive } = runsTable;
  const items = await scanItems(place, table);
  const expired = items.filter((item) => Number(item[timeToLive]?.N ?? Number.POSITIVE_INFINITY) * 1000 < now);
  const client = new DynamoDBClient(makeClientSettings(place));
  try {
    for (let at = 0; at < expired.length; at += BATCH_LIMIT) {
      const batch = expired.slice(at, at + BATCH_LIMIT).map((item) => ({
        DeleteRequest: { Key: { [partitionKey]: item[partitionKey] ?? { S: '' }, [sortKey]: item[sortKey] ?? { S: '' } } },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: batch } }));
    }
  } finally {
    client.destroy();
  }
  return expired.length;
};
