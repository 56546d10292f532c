// Sends requests to DynamoDB, tells what each has used, and turns conditions that do not hold into answers.
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type ConsumedCapacity,
  type DeleteItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { CallOptions } from '../../ports/clock.ts';
import { callAws, type AwsCall } from '../aws-calls/call-aws.ts';
import { makeClientSettings, type AwsPlace } from '../aws-calls/client-settings.ts';

/** An item as DynamoDB has it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** A call to DynamoDB. */
export interface DynamoCall extends CallOptions {
  /** Names it in errors and figures: `append`. */
  readonly operation: string;
}

/** What a write came to: `refused` by its condition, with the item that stands there. */
export type WriteOutcome = { readonly kind: 'written' } | { readonly kind: 'refused'; readonly standing: Item; readonly repeated: boolean };

/** What one page of a query brought. */
export interface Page {
  readonly items: readonly Item[];
  readonly next?: Item;
}

/** Requests to DynamoDB. */
export interface DynamoClient {
  get(table: string, key: Item, call: DynamoCall): Promise<Item | undefined>;
  query(input: Omit<QueryCommandInput, 'ConsistentRead'>, call: DynamoCall): Promise<Page>;
  put(input: PutItemCommandInput, call: DynamoCall): Promise<WriteOutcome>;
  update(input: UpdateItemCommandInput, call: DynamoCall): Promise<WriteOutcome>;
  delete(input: DeleteItemCommandInput, call: DynamoCall): Promise<WriteOutcome>;
  /** Up to 25 at once, in any order; what DynamoDB did not get to is sent again. */
  writeAll(table: string, requests: readonly WriteRequest[], call: DynamoCall): Promise<void>;
  close(): void;
}

/** Most writes of one request. */
const BATCH_LIMIT = 25;
const BATCHES_AT_ONCE = 4;

const count = (call: DynamoCall, kind: 'readUnits' | 'writeUnits', consumed: readonly (ConsumedCapacity | undefined)[]): void => {
  const units = consumed.reduce((sum, capacity) => sum + (capacity?.CapacityUnits ?? 0), 0);
  call.onConsumed?.({ operation: `dynamodb.${call.operation}`, readUnits: 0, writeUnits: 0, [kind]: units });
};

const toAwsCall = ({ operation, timeoutMs }: DynamoCall): AwsCall => ({ operation: `dynamodb.${operation}`, timeoutMs });

/** A write that its condition refuses has used what the standing item's size says, though the answer does not tell. */
const countRefused = (call: DynamoCall, standing: Item): void =>
  count(call, 'writeUnits', [{ CapacityUnits: Math.max(1, Math.ceil(measureItem(standing) / 1024)) }]);

/** The size of an item as DynamoDB counts it, bytes; of what the adapter writes: texts, numbers, bytes and flags. */
export const measureItem = (item: Item): number => {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += name.length;
    if (value.S !== undefined) bytes += Buffer.byteLength(value.S);
    else if (value.B !== undefined) bytes += value.B.length;
    else if (value.N !== undefined) bytes += Math.ceil(value.N.length / 2) + 1;
    else bytes += 1;
  }
  return bytes;
};

const TOTAL = { ReturnConsumedCapacity: 'TOTAL' } as const;
const STANDING = { ...TOTAL, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** Runs `write` unless its condition is refused. */
const writeOrRefuse = (
  call: DynamoCall,
  write: (signal: AbortSignal) => Promise<{ readonly ConsumedCapacity?: ConsumedCapacity | undefined }>,
): Promise<WriteOutcome> =>
  callAws(toAwsCall(call), async ({ signal, number }): Promise<WriteOutcome> => {
    try {
      const { ConsumedCapacity } = await write(signal);
      count(call, 'writeUnits', [ConsumedCapacity]);
      return { kind: 'written' };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const standing = error.Item ?? {};
      countRefused(call, standing);
      return { kind: 'refused', standing, repeated: number > 1 };
    }
  });

const writeBatch = async (client: DynamoDBClient, table: string, batch: readonly WriteRequest[], call: DynamoCall): Promise<void> => {
  let left = batch;
  await callAws(toAwsCall(call), async ({ signal }) => {
    const command = new BatchWriteItemCommand({ ...TOTAL, RequestItems: { [table]: [...left] } });
    const { ConsumedCapacity, UnprocessedItems } = await client.send(command, { abortSignal: signal });
    count(call, 'writeUnits', ConsumedCapacity ?? []);
    left = UnprocessedItems?.[table] ?? [];
    if (left.length > 0) throw new UnprocessedError(left.length);
  });
};

/** Part of a batch was not carried out because of throttling. */
class UnprocessedError extends Error {
  constructor(items: number) {
    super(`${items} items of a batch were not carried out`);
    this.name = 'ThrottlingException';
  }
}

/** Makes a client; `close` ends its connections. */
export const createDynamoClient = (place: AwsPlace): DynamoClient => {
  const client = new DynamoDBClient(makeClientSettings(place));
  return {
    get: (table, key, call) =>
      callAws(toAwsCall(call), async ({ signal }) => {
        const command = new GetItemCommand({ ...TOTAL, TableName: table, Key: key, ConsistentRead: true });
        const { Item: item, ConsumedCapacity } = await client.send(command, { abortSignal: signal });
        count(call, 'readUnits', [ConsumedCapacity]);
        return item;
      }),
    query: (input, call) =>
      callAws(toAwsCall(call), async ({ signal }) => {
        const command = new QueryCommand({ ...TOTAL, ConsistentRead: true, ...input });
        const { Items = [], LastEvaluatedKey, ConsumedCapacity } = await client.send(command, { abortSignal: signal });
        count(call, 'readUnits', [ConsumedCapacity]);
        return { items: Items, ...(LastEvaluatedKey && { next: LastEvaluatedKey }) };
      }),
    put: (input, call) =>
      writeOrRefuse(call, (signal) => client.send(new PutItemCommand({ ...STANDING, ...input }), { abortSignal: signal })),
    update: (input, call) =>
      writeOrRefuse(call, (signal) => client.send(new UpdateItemCommand({ ...STANDING, ...input }), { abortSignal: signal })),
    delete: (input, call) =>
      writeOrRefuse(call, (signal) => client.send(new DeleteItemCommand({ ...STANDING, ...input }), { abortSignal: signal })),
    writeAll: async (table, requests, call) => {
      const starts = Array.from({ length: Math.ceil(requests.length / BATCH_LIMIT) }, (_, index) => index * BATCH_LIMIT);
      const work = async (): Promise<void> => {
        for (let from = starts.shift(); from !== undefined; from = starts.shift())
          await writeBatch(client, table, requests.slice(from, from + BATCH_LIMIT), call);
      };
      await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
    },
    close: () => client.destroy(),
  };
};
