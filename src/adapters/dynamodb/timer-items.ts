// How timers lie in the timers table: by bucket, which is a minute and a shard of it, and there in order of due time.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Due } from '../../protocol/messages.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import { parseItem } from './commit-items.ts';
import type { Item } from './dynamo-client.ts';
import { bodySchema, readBody, writeBody } from './item-body.ts';

/**
 * Buckets of a minute: everybody's Monday 09:00 is eight partitions of 1,000 writes a second each.
 * It is part of where an entry lies, so it never changes.
 */
const SHARDS = 8;
const MINUTE_MS = 60_000;
const MINUTE_DIGITS = 12;
const TIME_DIGITS = 15;
/** DynamoDB takes 1,024 bytes of a sort key. */
const ID_LIMIT_BYTES = 900;

/** The partition that names the buckets that may hold something. */
export const BUCKETS = 'buckets';

/** The names of the minutes and shards. */
export type BucketName = string;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The bucket of an entry. */
export const nameBucket = ({ dueAt, id }: Pick<Due, 'dueAt' | 'id'>): BucketName =>
  `${nameMinute(dueAt)}/${hash(id).readUInt32BE() % SHARDS}`;

/** The minute of a time, in a text that sorts. */
export const nameMinute = (time: number): string => String(Math.floor(time / MINUTE_MS)).padStart(MINUTE_DIGITS, '0');

/** The minute of a bucket, in that text. */
export const readMinute = (bucket: BucketName): string => bucket.slice(0, MINUTE_DIGITS);

/** Whether everything in the bucket is due at `upTo`. */
export const isOver = (bucket: BucketName, upTo: number): boolean => (Number(readMinute(bucket)) + 1) * MINUTE_MS <= upTo;

const writeTime = (time: number): string => String(Math.floor(time)).padStart(TIME_DIGITS, '0');

/** Sort key of an entry. The fraction of a millisecond, if any, only tells entries apart. */
const nameEntry = ({ dueAt, id }: Pick<Due, 'dueAt' | 'id'>): string => {
  const fraction = String(dueAt % 1).slice(1);
  const name = Buffer.byteLength(id) > ID_LIMIT_BYTES ? hash(id).toString('hex') : id;
  return `${writeTime(dueAt)}${fraction}/${name}`;
};

/** A sort key above all entries that are due at `upTo`; some of its millisecond may not be. */
export const boundEntries = (upTo: number): string => `${writeTime(upTo)}0`;

/** Key of an entry. */
export const keyOfEntry = (name: Pick<Due, 'dueAt' | 'id'>): Item => ({
  bucket: { S: nameBucket(name) },
  entry: { S: nameEntry(name) },
});

/** Key of the mark that a bucket may hold something. */
export const keyOfMark = (bucket: BucketName): Item => ({ bucket: { S: BUCKETS }, entry: { S: bucket } });

export const writeMark = (bucket: BucketName, touchedAt: number): Item => ({ ...keyOfMark(bucket), touchedAt: { N: String(touchedAt) } });

const markSchema = z.object({ entry: z.object({ S: z.string() }), touchedAt: z.object({ N: z.string() }) });

/** A bucket that may hold something. */
export interface Mark {
  readonly bucket: BucketName;
  /** When a put into it last made sure of the mark, milliseconds since the epoch. */
  readonly touchedAt: number;
}

export const readMark = (item: Item): Mark => {
  const { entry, touchedAt } = parseItem(markSchema, item, 'a mark of a bucket');
  return { bucket: entry.S, touchedAt: Number(touchedAt.N) };
};

/** An entry as an item. */
export const writeEntry = async (due: Due, payloads: PayloadStore, options: CallOptions): Promise<Item> => {
  const head: Item = {
    ...keyOfEntry(due),
    v: { N: String(due.v) },
    at: { N: String(due.dueAt) },
    id: { S: due.id },
    topic: { S: due.topic },
    key: { S: due.key },
  };
  return { ...head, ...(await writeBody(head, due.message, payloads, { ...options, run: due.key })) };
};

const entrySchema = bodySchema.extend({
  v: z.object({ N: z.string() }),
  at: z.object({ N: z.string() }),
  id: z.object({ S: z.string() }),
  topic: z.object({ S: z.string() }),
  key: z.object({ S: z.string() }),
});

/** An entry of an item. @throws PAYLOAD_MISSING */
export const readEntry = async (item: Item, payloads: PayloadStore, options: CallOptions): Promise<Due> => {
  const { v, at, id, topic, key, ...body } = parseItem(entrySchema, item, 'a timer');
  const message = await readBody(body, payloads, options);
  return { type: 'Due', v: Number(v.N), dueAt: Number(at.N), id: id.S, topic: topic.S, key: key.S, message };
};

const placeSchema = z.object({ at: z.object({ N: z.string() }), id: z.object({ S: z.string() }), entry: z.object({ S: z.string() }) });

/** Where an entry stands among all. */
export interface EntryPlace {
  readonly dueAt: number;
  readonly id: string;
}

export const readPlace = (item: Item): EntryPlace => {
  const { at, id } = parseItem(placeSchema, item, 'a timer');
  return { dueAt: Number(at.N), id: id.S };
};

/** Order of entries. */
export const comparePlaces = (a: EntryPlace, b: EntryPlace): number => a.dueAt - b.dueAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
