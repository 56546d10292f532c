// Where the data keys of tenants are, as it is written in a setting.
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** A folder of key files, or a key of KMS that wraps those in a table. */
export type KeysPlace = { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'kms'; readonly kmsKey: string };

/** How a place is written. */
export const KEYS_PLACE_FORM = 'file:/etc/starquake/keys or kms:alias/starquake';

/**
 * Reads a place.
 *
 * @throws SETTINGS_INVALID
 * @example
 * parseKeysPlace('file:/etc/starquake/keys'); // { kind: 'folder', folder: '/etc/starquake/keys' }
 * parseKeysPlace('kms:alias/starquake'); // { kind: 'kms', kmsKey: 'alias/starquake' }
 */
export const parseKeysPlace = (text: string): KeysPlace => {
  const [, kind, place = ''] = /^(file|kms):(.+)$/.exec(text) ?? [];
  if (kind === 'file') return { kind: 'folder', folder: place };
  if (kind === 'kms') return { kind, kmsKey: place };
  throw new StarquakeError('SETTINGS_INVALID', `"${text}" names no place of keys.`, { hint: `Write it as in ${KEYS_PLACE_FORM}.` });
};
