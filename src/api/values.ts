// Turns values into what travels and back: large ones go to the payload store before their name is published (rule 20).
import type { PayloadStore } from '../ports/payload-store.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { INLINE_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES } from '../protocol/limits.ts';
import type { Payload } from '../protocol/payload.ts';

const CALL = { timeoutMs: 30_000 };

/**
 * Makes a value ready to travel.
 *
 * @param run - the run that it belongs to
 * @throws PAYLOAD_TOO_LARGE, STORE_FAILED
 */
export const packValue = async (payloads: PayloadStore, run: string, value: unknown): Promise<Payload> => {
  if (value === undefined) return {};
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= INLINE_LIMIT_BYTES) return { json: value };
  if (bytes > PAYLOAD_LIMIT_BYTES)
    throw new StarquakeError('PAYLOAD_TOO_LARGE', `The value is ${bytes} bytes of JSON; the limit is ${PAYLOAD_LIMIT_BYTES}.`);
  return { link: await payloads.put(text, { ...CALL, run }) };
};

/**
 * The value that travelled.
 *
 * @throws PAYLOAD_MISSING, STORE_FAILED
 */
export const unpackValue = async (payloads: PayloadStore, payload: Payload): Promise<unknown> => {
  if ('link' in payload) return JSON.parse(await payloads.get(payload.link, CALL));
  return payload.json;
};
