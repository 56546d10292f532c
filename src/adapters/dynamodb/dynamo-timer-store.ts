// The record of far timers in DynamoDB, sharded by due minute (rule 17).
import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import type { Due } from '../../protocol/messages.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import type { TimerStore } from '../../ports/timer-store.ts';
import { startDeadline } from '../aws-calls/start-deadline.ts';
import { BucketMarks } from './bucket-marks.ts';
import type { DynamoClient, Item } from './dynamo-client.ts';
import { mergeBuckets } from './merge-buckets.ts';
import { isOver, keyOfEntry, nameBucket, readEntry, readMinute, writeEntry, writeMark, type BucketName, type Mark } from './timer-items.ts';

/** What a timer store is made of. */
export interface DynamoTimerStoreOptions {
  readonly client: DynamoClient;
  /** Name of the table, made as `timersTable` says. */
  readonly table: string;
  /** Takes messages that are too large for an item. */
  readonly payloads: PayloadStore;
  readonly clock: Clock;
  /** Told of a timer whose message is gone: the others go on. */
  readonly report: (error: unknown, doing: string) => void;
}

/** Buckets that are read at once; all of a minute at least. */
const BUCKETS_AT_ONCE = 16;

/** Names each thing once: DynamoDB takes no batch that writes an item twice. */
const byName = <T>(values: readonly T[], name: (value: T) => string): readonly T[] => [
  ...new Map(values.map((value) => [name(value), value])).values(),
];

const nameOf = ({ dueAt, id }: Due): string => `${dueAt}/${id}`;

/** Whole minutes, as many as are read at once. */
const splitByMinute = (marks: readonly Mark[]): readonly (readonly Mark[])[] => {
  const groups: Mark[][] = [];
  for (const mark of marks) {
    const group = groups.at(-1);
    const isSameMinute = group !== undefined && readMinute(group.at(-1)?.bucket ?? '') === readMinute(mark.bucket);
    if (group && (isSameMinute || group.length < BUCKETS_AT_ONCE)) group.push(mark);
    else groups.push([mark]);
  }
  return groups;
};

/**
 * The timer store on DynamoDB.
 *
 * A put is one write unit for each kilobyte of the entry, and one more for the mark of its bucket if this process did not touch it
 * in the last five minutes; at load that is one in very many.
 */
export class DynamoTimerStore implements TimerStore {
  readonly #options: DynamoTimerStoreOptions;
  readonly #marks: BucketMarks;

  constructor(options: DynamoTimerStoreOptions) {
    this.#options = options;
    this.#marks = new BucketMarks(options);
  }

  async put(dues: readonly Due[], options: CallOptions): Promise<void> {
    const call = startDeadline(options);
    const named = byName(dues, nameOf);
    const buckets = [...new Set(named.map(nameBucket))];
    const entries = await Promise.all(named.map((due) => writeEntry(due, this.#options.payloads, call)));
    await this.#write(entries, this.#marks.listUnsure(buckets), call);
    // A mark that was relied on is there for longer than this; a process may stand still for longer than that.
    for (;;) {
      const doubtful = this.#marks.listDoubtful(buckets);
      if (doubtful.length === 0) return;
      await this.#write([], doubtful, call);
    }
  }

  async readDue(upTo: number, limit: number, options: CallOptions): Promise<readonly Due[]> {
    const call = startDeadline(options);
    const found: Item[] = [];
    let from: Item | undefined;
    let kept: readonly Mark[] = [];
    do {
      const page = await this.#marks.read(upTo, from, call);
      const marks = [...kept, ...page.marks];
      const minute = readMinute(marks.at(-1)?.bucket ?? '');
      // The last minute of a page may go on in the next one.
      const whole = page.next ? marks.filter(({ bucket }) => readMinute(bucket) !== minute) : marks;
      kept = marks.slice(whole.length);
      from = page.next;
      for (const group of splitByMinute(whole)) {
        if (found.length >= limit) break;
        found.push(...(await this.#readGroup(group, upTo, limit - found.length, call)));
      }
    } while (from !== undefined && found.length < limit);
    return this.#readEntries(found, call);
  }

  async remove(dues: readonly Due[], options: CallOptions): Promise<void> {
    const requests = byName(dues, nameOf).map((due): WriteRequest => ({ DeleteRequest: { Key: keyOfEntry(due) } }));
    await this.#options.client.writeAll(this.#options.table, requests, { ...startDeadline(options), operation: 'removeTimers' });
  }

  /** Entries and marks together: until the put is answered, nobody relies on either. */
  async #write(entries: readonly Item[], marks: readonly BucketName[], call: CallOptions): Promise<void> {
    const { client, table, clock } = this.#options;
    const now = clock.now();
    const items = [...entries, ...marks.map((bucket) => writeMark(bucket, now))];
    const requests = items.map((item): WriteRequest => ({ PutRequest: { Item: item } }));
    await client.writeAll(table, requests, { ...call, operation: 'putTimers' });
    this.#marks.remember(marks, now);
  }

  async #readGroup(group: readonly Mark[], upTo: number, limit: number, call: CallOptions): Promise<readonly Item[]> {
    const names = group.map(({ bucket }) => bucket);
    const { items, empty } = await mergeBuckets(this.#options, names, upTo, limit, call);
    const left = group.filter(({ bucket }) => empty.includes(bucket) && isOver(bucket, upTo));
    await this.#marks.release(left, call);
    return items;
  }

  async #readEntries(items: readonly Item[], call: CallOptions): Promise<readonly Due[]> {
    const dues = await Promise.all(
      items.map(async (item) => {
        try {
          return await readEntry(item, this.#options.payloads, call);
        } catch (error) {
          if (!(error instanceof StarquakeError) || error.code !== 'PAYLOAD_MISSING') throw error;
          this.#options.report(error, 'reading a timer');
          return [];
        }
      }),
    );
    return dues.flat();
  }
}

/**
 * Makes a timer store.
 *
 * @example
 * const timers = createDynamoTimerStore({ client, table: 'starquake-timers', payloads, clock: systemClock, report });
 */
export const createDynamoTimerStore = (options: DynamoTimerStoreOptions): DynamoTimerStore => new DynamoTimerStore(options);
