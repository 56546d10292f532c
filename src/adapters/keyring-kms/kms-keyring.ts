// Data keys of tenants on AWS: made and wrapped by KMS, kept wrapped in a table, erased there.
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { z } from 'zod';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { Keyring, TenantKey } from '../../ports/keyring.ts';
import { DATA_KEY_BYTES } from '../../protocol/limits.ts';
import { callAws } from '../aws-calls/call-aws.ts';
import { makeClientSettings, type AwsPlace } from '../aws-calls/client-settings.ts';
import { startDeadline } from '../aws-calls/start-deadline.ts';
import type { DynamoClient, Item } from '../dynamodb/dynamo-client.ts';

/** What a keyring is made of. */
export interface KmsKeyringOptions extends AwsPlace {
  readonly clock: Clock;
  readonly client: DynamoClient;
  /** Name of the table, made as `keysTable` says. */
  readonly table: string;
  /** Id, ARN or alias of the key of KMS that wraps the others. */
  readonly kmsKey: string;
}

const itemSchema = z.union([
  z.object({ erasedAt: z.object({ N: z.string() }) }),
  z.object({ wrapped: z.object({ B: z.instanceof(Uint8Array) }) }),
]);

const DATA_KEY = 'data-key';

/** A keyring, and how its connections are ended. */
export interface KmsKeyring extends Keyring {
  close(): void;
}

/** Whether KMS unwraps a key for another tenant than it was made for is its to check: the tenant is part of what it signs. */
const contextOf = (table: string, tenant: string): Record<string, string> => ({ 'starquake:table': table, 'starquake:tenant': tenant });

/**
 * Makes the keyring.
 *
 * @example
 * const keyring = openKmsKeyring({ client, clock, table: 'starquake-keys', kmsKey: 'alias/starquake' });
 */
export const openKmsKeyring = ({ client, clock, table, kmsKey, ...place }: KmsKeyringOptions): KmsKeyring => {
  const kms = new KMSClient(makeClientSettings(place));
  const keyOf = (tenant: string): Item => ({ tenant: { S: tenant }, item: { S: DATA_KEY } });

  const checkKey = (key: Uint8Array | undefined): Uint8Array => {
    if (key?.length === DATA_KEY_BYTES) return key;
    throw new StarquakeError('STORE_FAILED', `The key "${kmsKey}" of KMS gave no data key of ${DATA_KEY_BYTES} bytes.`);
  };

  const unwrap = async (tenant: string, item: Item, options: CallOptions): Promise<TenantKey> => {
    const read = itemSchema.safeParse(item);
    if (!read.success)
      throw new StarquakeError('STORE_FAILED', `What the table "${table}" has for the tenant "${tenant}" is no key.`, {
        cause: read.error,
      });
    if ('erasedAt' in read.data) return 'erased';
    const { wrapped } = read.data;
    // Which key of KMS it was wrapped with, it says itself: the alias may name another by now.
    const input = { CiphertextBlob: wrapped.B, EncryptionContext: contextOf(table, tenant) };
    const { Plaintext } = await callAws({ ...options, operation: 'kms.unwrapKey' }, ({ signal }) =>
      kms.send(new DecryptCommand(input), { abortSignal: signal }),
    );
    return checkKey(Plaintext);
  };

  const make = async (tenant: string, options: CallOptions): Promise<TenantKey> => {
    const input = { KeyId: kmsKey, KeySpec: 'AES_256', EncryptionContext: contextOf(table, tenant) } as const;
    const { Plaintext, CiphertextBlob } = await callAws({ ...options, operation: 'kms.makeKey' }, ({ signal }) =>
      kms.send(new GenerateDataKeyCommand(input), { abortSignal: signal }),
    );
    const key = checkKey(Plaintext);
    if (CiphertextBlob === undefined) throw new StarquakeError('STORE_FAILED', `The key "${kmsKey}" of KMS gave no wrapped data key.`);
    const outcome = await client.put(
      {
        TableName: table,
        Item: { ...keyOf(tenant), wrapped: { B: CiphertextBlob }, madeAt: { N: String(clock.now()) } },
        ConditionExpression: 'attribute_not_exists(tenant)',
      },
      { ...options, operation: 'makeKey' },
    );
    // Of several who make it at once one is first; so is one whose own answer was lost.
    return outcome.kind === 'written' ? key : unwrap(tenant, outcome.standing, options);
  };

  return {
    findKey: async (tenant, options) => {
      const call = startDeadline(options);
      const item = await client.get(table, keyOf(tenant), { ...call, operation: 'findKey' });
      return item === undefined ? make(tenant, call) : unwrap(tenant, item, call);
    },
    eraseKey: async (tenant, options) => {
      const item: Item = { ...keyOf(tenant), erasedAt: { N: String(clock.now()) } };
      await client.put({ TableName: table, Item: item }, { ...options, operation: 'eraseKey' });
    },
    close: () => kms.destroy(),
  };
};
