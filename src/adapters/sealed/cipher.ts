// Seals texts with AES-256-GCM under a key of their own each, and opens them.
import { constants } from 'node:buffer';
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { StarquakeError } from '../../protocol/starquake-error.ts';

const ALGORITHM = 'aes-256-gcm';
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + IV_BYTES;

/** Sealed bytes cannot be compressed by a store later on, so what is worth it is compressed before. */
const DEFLATE_FROM_BYTES = 512;
/** As small as with the defaults in half of the time. */
const DEFLATE = { memLevel: 5, windowBits: 12 };
/** What was sealed was one text: nothing longer can come out. */
const MOST_BYTES = constants.MAX_STRING_LENGTH;

const PLAIN = 0;
const DEFLATED = 1;

const digest = (key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/**
 * A key made from another for one purpose: who holds it can neither find that other nor the keys of other purposes.
 *
 * @example
 * deriveKey(tenantKey, 'payloads');
 */
export const deriveKey = (key: Uint8Array, purpose: string): Uint8Array => digest(key, 'purpose/', purpose);

const pack = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  if (bytes.length < DEFLATE_FROM_BYTES) return Buffer.concat([Buffer.of(PLAIN), bytes]);
  const deflated = deflateRawSync(bytes, DEFLATE);
  return deflated.length < bytes.length ? Buffer.concat([Buffer.of(DEFLATED), deflated]) : Buffer.concat([Buffer.of(PLAIN), bytes]);
};

const unpack = (packed: Buffer): string => {
  const bytes = packed.subarray(1);
  return (packed[0] === DEFLATED ? inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes).toString();
};

/**
 * Seals a text.
 *
 * Salt and nonce are a keyed hash of the text and its place: the same text at the same place is sealed to the same bytes, so that what
 * is repeated stays the same message or value; each other text gets a message key of its own, so that no number of texts wears a key out.
 *
 * @param key - 32 bytes
 * @param place - what the text belongs to; only opened by who names the same
 * @returns salt, nonce, sealed bytes and tag, in base64
 */
export const seal = (text: string, key: Uint8Array, place: string): string => {
  const packed = pack(text);
  const head = digest(key, 'nonce/', place, '\0', packed).subarray(0, HEAD_BYTES);
  const cipher = createCipheriv(ALGORITHM, digest(key, 'text/', head.subarray(0, SALT_BYTES)), head.subarray(SALT_BYTES));
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([head, cipher.update(packed), cipher.final(), cipher.getAuthTag()]).toString('base64');
};

/**
 * Opens a sealed text.
 *
 * @throws VALUE_UNREADABLE when it was sealed under another key or for another place, or was changed
 */
export const open = (sealed: string, key: Uint8Array, place: string): string => {
  const bytes = Buffer.from(sealed, 'base64');
  const body = bytes.length - TAG_BYTES;
  try {
    if (body < HEAD_BYTES) throw new RangeError('it is too short');
    const decipher = createDecipheriv(
      ALGORITHM,
      digest(key, 'text/', bytes.subarray(0, SALT_BYTES)),
      bytes.subarray(SALT_BYTES, HEAD_BYTES),
    );
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(body));
    return unpack(Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, body)), decipher.final()]));
  } catch (cause) {
    throw new StarquakeError('VALUE_UNREADABLE', `A sealed text cannot be opened (${place.replaceAll('\0', ' ')}).`, { cause });
  }
};
