// Names every write that a connector sends to DynamoDB by what it is for, and counts them by the group that their run belongs to.
import { z } from 'zod';
import type { Exchange } from './counting-proxy.ts';

/** Writes by their names. */
export type NamedWrites = ReadonlyMap<string, number>;

/** Counts writes. */
export interface StoreWrites {
  readonly take: (exchange: Exchange) => void;
  /** Writes for runs whose ids begin with that. */
  count(runPrefix: string): NamedWrites;
}

const textSchema = z.object({ S: z.string() });
const runKeySchema = z.object({ run: textSchema, item: textSchema });
const timerKeySchema = z.object({ bucket: textSchema, entry: textSchema });
const itemSchema = z.union([runKeySchema, timerKeySchema]);
const batchSchema = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.union([z.object({ PutRequest: z.object({ Item: itemSchema }) }), z.object({ DeleteRequest: z.object({ Key: itemSchema }) })]),
    ),
  ),
});
const putSchema = z.object({ Item: itemSchema });
const keySchema = z.object({ Key: itemSchema });

type Written = z.infer<typeof itemSchema>;

/** One write. `run` is empty for what many runs share. */
interface NamedWrite {
  readonly run: string;
  readonly name: string;
}

/** An entry's sort key ends with the id of what is due: `<run>/wake/1/watch`, `<run>/archive/11`. */
const nameTimer = (id: string): string => (id.endsWith('/watch') ? 'watch' : id.includes('/archive/') ? 'retention' : 'timer');

const nameRunItem = (item: string): string => (item.startsWith('c/') ? 'commit' : item.startsWith('k/') ? 'claim' : 'segments');

const name = (item: Written, verb: string): NamedWrite => {
  if ('run' in item) return { run: item.run.S, name: verb === 'put' ? nameRunItem(item.item.S) : `${verb} of ${nameRunItem(item.item.S)}` };
  const id = item.entry.S.slice(item.entry.S.indexOf('/') + 1);
  if (item.bucket.S === 'buckets') return { run: '', name: `${verb} of a bucket's mark` };
  return { run: id.split('/')[0] ?? '', name: `${verb} of the ${nameTimer(id)}` };
};

const nameWrites = (operation: string, request: string): readonly NamedWrite[] => {
  if (operation === 'PutItem') return [name(putSchema.parse(JSON.parse(request)).Item, 'put')];
  if (operation === 'UpdateItem') return [name(keySchema.parse(JSON.parse(request)).Key, 'update')];
  if (operation === 'DeleteItem') return [name(keySchema.parse(JSON.parse(request)).Key, 'removal')];
  if (operation !== 'BatchWriteItem') return [];
  return Object.values(batchSchema.parse(JSON.parse(request)).RequestItems)
    .flat()
    .map((one) => ('PutRequest' in one ? name(one.PutRequest.Item, 'put') : name(one.DeleteRequest.Key, 'removal')));
};

/** Makes a count at zero. */
export const createStoreWrites = (): StoreWrites => {
  const writes = new Map<string, Map<string, number>>();
  return {
    take: ({ operation, request, status }) => {
      if (status !== 200) return;
      for (const { run, name: kind } of nameWrites(operation, request)) {
        const own = writes.get(run) ?? new Map<string, number>();
        writes.set(run, own.set(kind, (own.get(kind) ?? 0) + 1));
      }
    },
    count: (runPrefix) => {
      const sums = new Map<string, number>();
      for (const [run, own] of writes) {
        if (!run.startsWith(runPrefix)) continue;
        for (const [kind, amount] of own) sums.set(kind, (sums.get(kind) ?? 0) + amount);
      }
      return sums;
    },
  };
};
