// Opens the keyring that a setting names: a folder of this machine, or KMS with its table.
import type { Clock } from '../../ports/clock.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { keysTable, nameTable } from '../../platform/tables.ts';
import { createDynamoClient } from '../dynamodb/dynamo-client.ts';
import { openFolderKeyring } from '../keyring-folder/folder-keyring.ts';
import { openKmsKeyring } from '../keyring-kms/kms-keyring.ts';

/** Where keys are. */
export type KeyringPlace =
  { readonly kind: 'folder'; readonly folder: string } | { readonly kind: 'kms'; readonly kmsKey: string; readonly tablePrefix: string };

/** A keyring, and how it is let go of. */
export interface OpenKeyring {
  readonly keyring: Keyring;
  readonly close: () => void;
}

/** Opens a keyring. */
export const openKeyring = (place: KeyringPlace, clock: Clock): OpenKeyring => {
  if (place.kind === 'folder') return { keyring: openFolderKeyring(place.folder), close: () => undefined };
  const client = createDynamoClient({});
  const keyring = openKmsKeyring({ client, clock, table: nameTable(place.tablePrefix, keysTable), kmsKey: place.kmsKey });
  const close = (): void => {
    keyring.close();
    client.close();
  };
  return { keyring, close };
};
