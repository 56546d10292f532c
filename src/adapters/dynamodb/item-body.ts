// The text that an item carries: as it is while that costs one write unit, compressed above, in the payload store when it is large.
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { payloadLinkSchema, type PayloadLink } from '../../protocol/payload.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { PayloadOptions, PayloadStore } from '../../ports/payload-store.ts';
import { measureItem, type Item } from './dynamo-client.ts';

/** What DynamoDB counts as one write unit, bytes. */
const UNIT_BYTES = 1024;

/**
 * A body that takes more goes into the payload store, bytes after compression. DynamoDB's own limit is 400 KB an item, but a put
 * of 64 KB costs 64 write units there, eight times an object put in S3; and the newest item of a run is read for its summary alone.
 */
const BODY_LIMIT_BYTES = 64 * UNIT_BYTES;

/** Below this many bytes compressing takes less time than handing it to another thread. */
const INLINE_DEFLATE_BYTES = 16 * UNIT_BYTES;

/** As small as with the defaults in half of the time, most of which is making the tables. */
const SMALL_TEXT = { memLevel: 5, windowBits: 12 };

const deflateLater = promisify(deflateRaw);
const inflateLater = promisify(inflateRaw);

/** The three ways that a body is kept; absent in an item that only holds its version. */
export const bodySchema = z.object({
  text: z.object({ S: z.string() }).exactOptional(),
  deflated: z.object({ B: z.instanceof(Uint8Array) }).exactOptional(),
  link: z.object({ S: z.string() }).exactOptional(),
});

/** A body as an item has it. */
export type ItemBody = Readonly<z.infer<typeof bodySchema>>;

/** Names of the attributes of a body. */
export const BODY_ATTRIBUTES = ['text', 'deflated', 'link'] as const;

const countUnits = (bytes: number): number => Math.ceil(bytes / UNIT_BYTES);

const deflate = async (text: string): Promise<Uint8Array> =>
  text.length < INLINE_DEFLATE_BYTES ? deflateRawSync(text, SMALL_TEXT) : deflateLater(text);

/**
 * The attributes that carry `text` beside those of `head`. Compressed when that saves a write unit at least: 1,400 bytes become 360
 * in 35 microseconds of a processor, which cost a thousandth of the unit. Durable in the payload store before it is named.
 */
export const writeBody = async (head: Item, text: string, payloads: PayloadStore, options: PayloadOptions): Promise<Item> => {
  const plain: Item = { text: { S: text } };
  const headBytes = measureItem(head);
  const plainBytes = headBytes + measureItem(plain);
  if (plainBytes <= UNIT_BYTES) return plain;
  const deflated: Item = { deflated: { B: await deflate(text) } };
  const deflatedBytes = measureItem(deflated);
  if (deflatedBytes > BODY_LIMIT_BYTES) return { link: { S: JSON.stringify(await payloads.put(text, options)) } };
  return countUnits(headBytes + deflatedBytes) < countUnits(plainBytes) ? deflated : plain;
};

/** The link of a body that lies in the payload store. */
export const findBodyLink = ({ link }: ItemBody): PayloadLink | undefined => link && payloadLinkSchema.parse(JSON.parse(link.S));

/** Whether the item has a body at all. */
export const hasBody = ({ text, deflated, link }: ItemBody): boolean => (text ?? deflated ?? link) !== undefined;

/** The text of a body. @throws PAYLOAD_MISSING */
export const readBody = async (body: ItemBody, payloads: PayloadStore, options: CallOptions): Promise<string> => {
  if (body.text) return body.text.S;
  if (body.deflated) {
    const bytes = body.deflated.B;
    return (bytes.length < INLINE_DEFLATE_BYTES ? inflateRawSync(bytes) : await inflateLater(bytes)).toString();
  }
  const link = findBodyLink(body);
  return link ? payloads.get(link, options) : '';
};
