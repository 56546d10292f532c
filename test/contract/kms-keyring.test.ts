// Keys that KMS wraps keep the keyring contract; what the table holds is worth nothing without KMS, or for another tenant.
import { afterAll, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../src/adapters/dynamodb/dynamo-client.ts';
import { openKmsKeyring, type KmsKeyring } from '../../src/adapters/keyring-kms/kms-keyring.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { keysTable } from '../../src/platform/tables.ts';
import { makeKmsKey } from '../support/aws-local/make-kms-key.ts';
import { createTable } from '../support/dynamodb/create-table.ts';
import { startS3, type S3StandIn } from '../support/offload/start-s3.ts';
import { describeKeyring } from './describe-keyring.ts';
import { startDynamo } from './dynamodb-harness.ts';
import { CALL, makeName } from './harness.ts';

const dynamo = await startDynamo();

const startKms = async (): Promise<S3StandIn | undefined> => {
  try {
    return await startS3();
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return undefined;
  }
};
const kms = await startKms();
afterAll(() => kms?.stop());
const missing = kms === undefined ? ' (skipped: there is no stand-in for KMS)' : dynamo.missing;

interface Parts {
  readonly table: string;
  readonly kmsKey: string;
  readonly open: () => KmsKeyring;
  readonly client: ReturnType<typeof createDynamoClient>;
}

const openParts = async (): Promise<Parts> => {
  const { direct } = dynamo.use();
  const place = { ...direct, endpoint: kms?.endpoint ?? '' };
  const table = await createTable(direct, makeName('keys'), keysTable);
  const kmsKey = await makeKmsKey(place);
  const client = createDynamoClient(direct);
  return { table, kmsKey, client, open: () => openKmsKeyring({ ...place, clock: systemClock, client, table, kmsKey }) };
};

describe.skipIf(missing !== '')(`keys that KMS wraps${missing}`, () => {
  describeKeyring('KMS and a table', async () => {
    const parts = await openParts();
    const [keyring, another] = [parts.open(), parts.open()];
    const close = async (): Promise<void> => {
      keyring.close();
      another.close();
      parts.client.close();
    };
    return { keyring, another, close };
  });

  it('the table holds no key in clear, and a wrapped key is refused for another tenant', async () => {
    const { table, client, open } = await openParts();
    const keyring = open();
    const key = await keyring.findKey('acme', CALL);
    const call = { ...CALL, operation: 'look' };
    const item = await client.get(table, { tenant: { S: 'acme' }, item: { S: 'data-key' } }, call);
    const wrapped = Buffer.from(item?.['wrapped']?.B ?? []);
    expect(wrapped.length).toBeGreaterThan(32);
    expect(wrapped.includes(Buffer.from(key as Uint8Array))).toBe(false);
    await client.put({ TableName: table, Item: { ...item, tenant: { S: 'zeta' } } }, call);
    await expect(keyring.findKey('zeta', CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    keyring.close();
    client.close();
  });
});
