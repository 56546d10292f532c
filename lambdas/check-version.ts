// Refuses what a newer release sends, which is put back and met again once this one is upgraded (rule 7).
import { StarquakeError } from '../src/protocol/starquake-error.ts';
import { PROTOCOL_VERSION } from '../src/protocol/version.ts';

/** @throws UPGRADE_ME */
export const checkVersion = ({ v }: { readonly v: number }): void => {
  if (v > PROTOCOL_VERSION)
    throw new StarquakeError('UPGRADE_ME', `A request of version ${v} was met; this function reads up to ${PROTOCOL_VERSION}.`);
};
