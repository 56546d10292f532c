// Knows which buckets may hold timers, so that the mover reads no empty minutes, and never takes a mark away from under a put.
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { DynamoClient, Item } from './dynamo-client.ts';
import { BUCKETS, keyOfMark, nameMinute, readMark, type BucketName, type Mark } from './timer-items.ts';

/** A put relies on a mark that this process has touched within this time. */
const RELY_MS = 5 * 60_000;
/** A put that was answered longer after touching its mark touches it again: its process may have been stopped between. */
const DOUBT_MS = 10 * 60_000;
/** A mark that nobody has touched for this long is taken away once its bucket is empty; the difference is for clocks that differ. */
const KEEP_MS = 20 * 60_000;
const REMEMBERED_LIMIT = 100_000;

/** What marks need. */
export interface BucketMarksOptions {
  readonly client: DynamoClient;
  readonly table: string;
  readonly clock: Clock;
}

/** One page of marks. */
export interface MarkPage {
  readonly marks: readonly Mark[];
  readonly next: Item | undefined;
}

/** Marks of buckets. */
export class BucketMarks {
  readonly #options: BucketMarksOptions;
  /** When this process touched a mark; a mark is never taken away within that time and some more. */
  readonly #touched = new Map<BucketName, number>();

  constructor(options: BucketMarksOptions) {
    this.#options = options;
  }

  /** Those of the buckets whose marks must be touched together with a put. */
  listUnsure(buckets: readonly BucketName[]): readonly BucketName[] {
    return this.#listOlder(buckets, RELY_MS);
  }

  /** Those of the buckets whose marks may be gone although a put relied on them. */
  listDoubtful(buckets: readonly BucketName[]): readonly BucketName[] {
    return this.#listOlder(buckets, DOUBT_MS);
  }

  /** Takes note that marks were touched at `touchedAt`, or a little later. */
  remember(buckets: readonly BucketName[], touchedAt: number): void {
    for (const bucket of buckets) {
      this.#touched.delete(bucket);
      this.#touched.set(bucket, touchedAt);
    }
    for (const bucket of this.#touched.keys()) {
      if (this.#touched.size <= REMEMBERED_LIMIT) return;
      this.#touched.delete(bucket);
    }
  }

  /** Marks of buckets up to the minute of `upTo`, oldest first. */
  async read(upTo: number, from: Item | undefined, options: CallOptions): Promise<MarkPage> {
    const { client, table } = this.#options;
    const { items, next } = await client.query(
      {
        TableName: table,
        KeyConditionExpression: '#bucket = :buckets AND #entry <= :bound',
        ExpressionAttributeNames: { '#bucket': 'bucket', '#entry': 'entry' },
        ExpressionAttributeValues: { ':buckets': { S: BUCKETS }, ':bound': { S: `${nameMinute(upTo)}0` } },
        ExclusiveStartKey: from,
      },
      { ...options, operation: 'readDue' },
    );
    return { marks: items.map(readMark), next };
  }

  /** Takes marks of empty buckets away, if they are old enough and nobody touches them meanwhile. */
  async release(marks: readonly Mark[], options: CallOptions): Promise<void> {
    const { client, table, clock } = this.#options;
    const now = clock.now();
    for (const { bucket, touchedAt } of marks) {
      if (now - touchedAt <= KEEP_MS) continue;
      await client.delete(
        {
          TableName: table,
          Key: keyOfMark(bucket),
          ConditionExpression: '#touchedAt = :touchedAt',
          ExpressionAttributeNames: { '#touchedAt': 'touchedAt' },
          ExpressionAttributeValues: { ':touchedAt': { N: String(touchedAt) } },
        },
        { ...options, operation: 'releaseMark' },
      );
    }
  }

  #listOlder(buckets: readonly BucketName[], ms: number): readonly BucketName[] {
    const now = this.#options.clock.now();
    return buckets.filter((bucket) => now - (this.#touched.get(bucket) ?? Number.NEGATIVE_INFINITY) > ms);
  }
}
