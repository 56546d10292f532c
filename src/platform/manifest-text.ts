// Writes a manifest so that it fits into parameters of 4 KB, and reads it back only when it is whole.
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { manifestSchema, type Manifest } from '../protocol/manifest.ts';

/** A parameter of the standard tier, which costs nothing, holds 4 KB; the rest is for what is around the text. */
const PART_CHARACTERS = 3_900;
/** So many parts at most. */
const MOST_PARTS = 1_000;
/** No manifest is near this; it bounds what an unpacked text may become. */
const MOST_BYTES = 8 * 1024 * 1024;

/** What the parameter that names a manifest holds: the packed text itself, or the number of its parts. */
const headSchema = z.union([
  z.object({ v: z.literal(1), sha256: z.string(), gzip: z.string() }),
  z.object({ v: z.literal(1), sha256: z.string(), parts: z.int().positive().max(MOST_PARTS) }),
]);

/** A manifest as parameters. */
export interface PackedManifest {
  /** Of its text: names this content, and tells whether what was read is whole. */
  readonly sha256: string;
  readonly head: string;
  readonly parts: readonly string[];
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Packs a manifest: compressed, and cut in parts if it does not fit into one parameter then. */
export const packManifest = (manifest: Manifest): PackedManifest => {
  const text = JSON.stringify(manifest);
  const sha256 = hash(text);
  const gzip = gzipSync(text, { level: 9 }).toString('base64');
  if (gzip.length <= PART_CHARACTERS) return { sha256, head: JSON.stringify({ v: 1, sha256, gzip }), parts: [] };
  const parts = gzip.match(new RegExp(`.{1,${PART_CHARACTERS}}`, 'g')) ?? [];
  return { sha256, head: JSON.stringify({ v: 1, sha256, parts: parts.length }), parts };
};

/**
 * Unpacks a manifest.
 *
 * @param findPart - the part of a number, of the text with this hash; undefined when it is not there
 * @returns undefined when a part is missing, as while it is being replaced
 * @throws Error when it is no manifest
 */
export const unpackManifest = (head: string, findPart: (sha256: string, at: number) => string | undefined): Manifest | undefined => {
  const packed = headSchema.parse(JSON.parse(head));
  const parts = 'gzip' in packed ? [packed.gzip] : Array.from({ length: packed.parts }, (_, at) => findPart(packed.sha256, at));
  if (parts.includes(undefined)) return undefined;
  const text = gunzipSync(Buffer.from(parts.join(''), 'base64'), { maxOutputLength: MOST_BYTES }).toString();
  if (hash(text) !== packed.sha256) throw new Error('The text does not have the hash that its parameter names.');
  return manifestSchema.parse(JSON.parse(text));
};
