// Refuses keys that the data was not sealed with, before anything is sealed with them.
import { MAIN_TENANT } from '../../protocol/tenant.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import { deriveKey, open, seal } from './cipher.ts';

/** No run's archive is called so. */
const NAME = '@keys';
const PLACE = 'mark';

/**
 * Finds the mark that the keys left with the data, or leaves it.
 *
 * @param payloads - not sealed
 * @throws VALUE_UNREADABLE when these are other keys than the data has
 */
export const checkKeyMark = async (payloads: PayloadStore, keyring: Keyring, options: CallOptions): Promise<void> => {
  const key = await keyring.findKey(MAIN_TENANT, options);
  if (key === 'erased') return;
  const records = deriveKey(key, 'records');
  const mark = await readMark(payloads, options);
  if (mark === undefined) await payloads.putArchive(NAME, seal('keys', records, PLACE), { ...options, run: NAME });
  else open(mark, records, PLACE);
};

const readMark = async (payloads: PayloadStore, options: CallOptions): Promise<string | undefined> => {
  try {
    return await payloads.getArchive(NAME, options);
  } catch (error) {
    if (error instanceof StarquakeError && error.code === 'PAYLOAD_MISSING') return undefined;
    throw error;
  }
};
