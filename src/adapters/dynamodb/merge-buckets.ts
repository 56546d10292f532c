// Reads the first entries of several buckets at once, in order over all, without reading much more than is asked for.
import type { CallOptions } from '../../ports/clock.ts';
import type { DynamoClient, Item } from './dynamo-client.ts';
import { boundEntries, comparePlaces, readPlace, type BucketName, type EntryPlace } from './timer-items.ts';

/** What reading needs. */
export interface BucketReader {
  readonly client: DynamoClient;
  readonly table: string;
}

/** What came of several buckets. */
export interface MergedEntries {
  /** In order of due time. */
  readonly items: readonly Item[];
  /** Buckets in which nothing is due. */
  readonly empty: readonly BucketName[];
}

interface Found {
  readonly item: Item;
  readonly place: EntryPlace;
}

interface OpenBucket {
  readonly bucket: BucketName;
  readonly found: Found[];
  next: Item | undefined;
  done: boolean;
}

const SMALLEST_PAGE = 10;

const readPage = async (
  { client, table }: BucketReader,
  open: OpenBucket,
  upTo: number,
  limit: number,
  options: CallOptions,
): Promise<void> => {
  const page = await client.query(
    {
      TableName: table,
      KeyConditionExpression: '#bucket = :bucket AND #entry <= :bound',
      ExpressionAttributeNames: { '#bucket': 'bucket', '#entry': 'entry' },
      ExpressionAttributeValues: { ':bucket': { S: open.bucket }, ':bound': { S: boundEntries(upTo) } },
      Limit: limit,
      ExclusiveStartKey: open.next,
    },
    { ...options, operation: 'readDue' },
  );
  for (const item of page.items) {
    const place = readPlace(item);
    if (place.dueAt <= upTo) open.found.push({ item, place });
  }
  open.next = page.next;
  open.done = page.next === undefined;
};

/** The last place up to which all entries of the bucket are known. */
const findKnown = ({ done, found }: OpenBucket): EntryPlace | undefined => (done ? undefined : found.at(-1)?.place);

/** The first `limit` entries of these buckets that are due at `upTo`. */
export const mergeBuckets = async (
  reader: BucketReader,
  buckets: readonly BucketName[],
  upTo: number,
  limit: number,
  options: CallOptions,
): Promise<MergedEntries> => {
  const opened = buckets.map((bucket): OpenBucket => ({ bucket, found: [], next: undefined, done: false }));
  const page = Math.min(limit, Math.max(SMALLEST_PAGE, Math.ceil((limit / buckets.length) * 1.25)));
  for (let behind: readonly OpenBucket[] = opened; ;) {
    await Promise.all(behind.map((open) => readPage(reader, open, upTo, page, options)));
    const bound = opened.flatMap((open) => findKnown(open) ?? []).toSorted(comparePlaces)[0];
    const isKnown = ({ place }: Found): boolean => bound === undefined || comparePlaces(place, bound) <= 0;
    const known = opened.flatMap(({ found }) => found.filter(isKnown));
    // A page may be empty although others follow: such a bucket is asked on, like the one that bounds what is known.
    behind = opened.filter((open) => !open.done && (open.found.length === 0 || findKnown(open) === bound));
    if (behind.length === 0 || (known.length >= limit && behind.every(({ found }) => found.length > 0))) {
      const first = known.toSorted((a, b) => comparePlaces(a.place, b.place)).slice(0, limit);
      return { items: first.map(({ item }) => item), empty: opened.filter(({ found }) => found.length === 0).map(({ bucket }) => bucket) };
    }
  }
};
