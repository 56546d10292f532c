// Turns a payload link into its value for a function, through the place that the request names (rule 20).
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Payload } from '../../protocol/payload.ts';
import { openValue, splitKey } from '../sealed/sealed-values.ts';

/** Places to read payloads from, by sha256: `http:`, `https:`, `file:` and `data:` URLs. */
export type Links = Readonly<Record<string, string>>;

const READ_TIMEOUT_MS = 30_000;

/**
 * The payload inline; one that is inline already is answered as it is.
 *
 * @throws PAYLOAD_MISSING if the request names no place for it, or the place has nothing, or something else; VALUE_UNREADABLE
 */
export const readPayload = async (payload: Payload, links: Links): Promise<Payload> => {
  if (!('link' in payload)) return payload;
  const link = links[payload.link.sha256];
  if (link === undefined) throw new StarquakeError('PAYLOAD_MISSING', `The request names no place for the payload ${payload.link.sha256}.`);
  const { url, key } = splitKey(link);
  const text = await readText(url);
  // Other functions may put values too: what one puts under a wrong name must not become another's input.
  if (createHash('sha256').update(text).digest('hex') !== payload.link.sha256)
    throw new StarquakeError('PAYLOAD_MISSING', `The place of the payload ${payload.link.sha256} has another value.`);
  return { json: JSON.parse(openValue(text, key)) };
};

const readText = async (url: string): Promise<string> => {
  try {
    if (url.startsWith('file:')) return await readFile(new URL(url), 'utf8');
    const response = await fetch(url, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
    if (response.ok) return await response.text();
    throw new Error(`it answered ${response.status}`);
  } catch (cause) {
    throw new StarquakeError(
      'PAYLOAD_MISSING',
      `The payload at ${withoutQuery(url)} could not be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
};

/** What follows `?` may be a signature. */
const withoutQuery = (url: string): string => (url.startsWith('data:') ? 'a data URL' : (url.split('?', 1)[0] ?? ''));
