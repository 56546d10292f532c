// How functions read and put sealed values: the key comes with the place, after a `#`, which is never sent anywhere.
import type { PutGrant } from '../../protocol/functions.ts';
import { openEnvelope, readEnvelope, writeEnvelope } from './envelope.ts';

/** Values and archives are opened as what they are only. */
export const PAYLOAD_PLACE = 'payload';
export const ARCHIVE_PLACE = 'archive';

const KEY = '#starquake-key=';

/** The place with the key of what lies there. */
export const addKey = (url: string, key: Uint8Array): string => `${url}${KEY}${Buffer.from(key).toString('base64url')}`;

/** A place without its key, and the key if it has one. */
export const splitKey = (link: string): { readonly url: string; readonly key?: Uint8Array } => {
  const at = link.indexOf(KEY);
  return at < 0 ? { url: link } : { url: link.slice(0, at), key: Buffer.from(link.slice(at + KEY.length), 'base64url') };
};

/** The value that was read from a place. @throws VALUE_UNREADABLE */
export const openValue = (text: string, key: Uint8Array | undefined): string => {
  const envelope = key === undefined ? undefined : readEnvelope(text);
  return envelope === undefined || key === undefined ? text : openEnvelope(envelope, key, PAYLOAD_PLACE);
};

/** The value as it is to be put under a grant. */
export const sealValue = (text: string, { seal }: PutGrant): string =>
  seal === undefined ? text : writeEnvelope(text, seal.tenant, Buffer.from(seal.key, 'base64'), PAYLOAD_PLACE);
