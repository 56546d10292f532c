// The whole line with sealed values: keys of tenants from KMS, and nothing of an author's to be read in any store or on any topic.
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClientSettings, type AwsPlace } from '../../src/adapters/aws-calls/client-settings.ts';
import { createDynamoClient } from '../../src/adapters/dynamodb/dynamo-client.ts';
import { openKmsKeyring, type KmsKeyring } from '../../src/adapters/keyring-kms/kms-keyring.ts';
import { SealedBus } from '../../src/adapters/sealed/sealed-bus.ts';
import { TenantKeys } from '../../src/adapters/sealed/tenant-keys.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { writeInbox, type InboxDraft } from '../../src/engine/outbox/derivation.ts';
import { keysTable, nameTable, runsTable, timersTable } from '../../src/platform/tables.ts';
import type { Bus } from '../../src/ports/bus.ts';
import { topics } from '../../src/protocol/topics.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { HistoryReader } from '../support/aws-local/history-reader.ts';
import { makeKmsKey } from '../support/aws-local/make-kms-key.ts';
import { openLine, type Line } from '../support/aws-local/open-line.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const START_TIMEOUT_MS = 300_000;
const SECRET = 'Zyzzogeton';
const RUN_TIMEOUT_MS = 60_000;

describe.skipIf(missing !== '')(`the whole line with sealed values${missing}`, () => {
  let line: Line;
  let keyring: KmsKeyring;
  let bus: Bus;
  let history: HistoryReader;
  let settings: Readonly<Record<string, string>>;
  let dynamo: DynamoDBClient;
  let s3: S3Client;
  let closeClient: () => void;

  const variable = (name: string): string => line.aws.environment[name] ?? '';

  beforeAll(async () => {
    line = await openLine({ entry: 'test/support/apps/keeper/app.ts', webUrl, brokerUrl, name: 'sealed' });
    const credentials = { accessKeyId: variable('AWS_ACCESS_KEY_ID'), secretAccessKey: variable('AWS_SECRET_ACCESS_KEY') };
    const place = (endpoint: string): AwsPlace => ({ region: variable('AWS_REGION'), endpoint, credentials });
    const kms = place(variable('AWS_ENDPOINT_URL_S3'));
    const kmsKey = await makeKmsKey(kms);
    const client = createDynamoClient(place(variable('AWS_ENDPOINT_URL_DYNAMODB')));
    closeClient = () => client.close();
    const table = nameTable(variable('STARQUAKE_TABLE_PREFIX'), keysTable);
    keyring = openKmsKeyring({ ...kms, client, clock: systemClock, table, kmsKey });
    settings = { STARQUAKE_KEYS: `kms:${kmsKey}`, AWS_ENDPOINT_URL_KMS: variable('AWS_ENDPOINT_URL_S3') };
    bus = openSealed();
    history = new HistoryReader(bus);
    dynamo = new DynamoDBClient(makeClientSettings(place(variable('AWS_ENDPOINT_URL_DYNAMODB'))));
    s3 = new S3Client({ ...makeClientSettings(kms), forcePathStyle: true });
    await line.startConnector(settings);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await line.close();
    keyring.close();
    closeClient();
    dynamo.destroy();
    s3.destroy();
  }, START_TIMEOUT_MS);

  /** As somebody has it who comes now. */
  const openSealed = (): Bus => {
    const report = (): void => undefined;
    const keys = new TenantKeys(keyring, systemClock, report);
    return new SealedBus({ bus: line.bus, keys, forErased: 'refuse', report, pause: () => Promise.resolve() });
  };

  const send = (drafts: readonly InboxDraft[]): Promise<void> =>
    bus.publish(
      drafts.map((draft) => writeInbox(draft)),
      CALL,
    );

  const start = (runs: readonly string[]): Promise<void> =>
    send(
      runs.map((run) => {
        const load = { app: 'keeper', workflow: 'keep', input: { json: SECRET }, inputHash: '', tags: {} };
        return { type: 'StartRun', run, ...load, requestId: run };
      }),
    );

  const until = async (run: string, type: string): Promise<void> => {
    const deadline = performance.now() + RUN_TIMEOUT_MS;
    for (;;) {
      await history.read();
      if (history.listEvents(run).some((event) => event.type === type)) return;
      if (performance.now() > deadline)
        throw new Error(`The run "${run}" has no ${type}: ${JSON.stringify(history.listEvents(run)).slice(0, 2000)}`);
    }
  };

  /** Every text that lies in a table, unpacked where the store has packed it. */
  const readTable = async (name: string): Promise<readonly string[]> => {
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: name }));
    return Items.map((item) => {
      const packed = item['deflated']?.B;
      return JSON.stringify(item) + (packed === undefined ? '' : inflateRawSync(packed).toString());
    });
  };

  const readBucket = async (): Promise<readonly Buffer[]> => {
    const Bucket = variable('STARQUAKE_BUCKET');
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    return Promise.all(
      Contents.map(async ({ Key = '' }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      }),
    );
  };

  const readTopic = async (name: string, partitions: number): Promise<readonly string[]> => {
    const bodies: string[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      for (let from = 0; ;) {
        const messages = await line.bus.readStream(name, partition, from, 500, CALL);
        const last = messages.at(-1);
        if (last === undefined) break;
        bodies.push(...messages.map(({ body }) => body));
        from = last.position + 1;
      }
    }
    return bodies;
  };

  it('runs of two tenants complete; no table, no bucket and no topic holds a word of their values, nor a key', async () => {
    await start(['acme~one', 'acme~two', 'zeta~one', 'zeta~two']);
    for (const run of ['acme~one', 'zeta~one']) {
      await send([{ type: 'Signal', run, signal: 'told', value: { json: SECRET }, requestId: `${run}-told` }]);
      await until(run, 'RunCompleted');
    }
    const completed = history.listEvents('acme~one').find(({ type }) => type === 'RunCompleted');
    // Over the inline limit, so that the function itself has sealed and put it.
    expect(completed).toMatchObject({ output: { link: {} } });
    await until('acme~two', 'StatusSet');
    const prefix = variable('STARQUAKE_TABLE_PREFIX');
    const [runs, timers, bucket] = await Promise.all([
      readTable(nameTable(prefix, runsTable)),
      readTable(nameTable(prefix, timersTable)),
      readBucket(),
    ]);
    const [sent, ledger] = await Promise.all([readTopic(topics.history.name, topics.history.partitions), readTopic(topics.usage.name, 1)]);
    expect({ runs: runs.length > 8, bucket: bucket.length > 2, sent: sent.length > 8, ledger: ledger.length > 0 }).toEqual({
      runs: true,
      bucket: true,
      sent: true,
      ledger: true,
    });
    const all = [...runs, ...timers, ...bucket.map((bytes) => bytes.toString('latin1')), ...sent, ...ledger];
    expect(all.filter((text) => text.includes(SECRET))).toEqual([]);
    const keys = await Promise.all(
      ['acme', 'zeta'].map(async (tenant) => Buffer.from((await keyring.findKey(tenant, CALL)) as Uint8Array)),
    );
    for (const key of keys)
      for (const form of ['base64', 'base64url', 'hex', 'latin1'] as const)
        expect(all.filter((text) => text.includes(key.toString(form)))).toEqual([]);
  });

  it('once a tenant is erased its messages are dropped and its runs want nothing; those of another tenant go on', async () => {
    await keyring.eraseKey('acme', CALL);
    // A connector that is up would forget the key within a minute; a new one has never had it.
    await line.startConnector(settings);
    await send([{ type: 'Signal', run: 'zeta~two', signal: 'told', value: { json: SECRET }, requestId: 'zeta-two-told' }]);
    await until('zeta~two', 'RunCompleted');
    expect(history.findEnds().get('zeta~two')).toHaveLength(1);
    const fresh = new HistoryReader(openSealed());
    await fresh.read();
    expect(fresh.listEvents('acme~one')).toEqual([]);
    expect(fresh.listEvents('zeta~one').at(-1)?.type).toBe('RunCompleted');
  });
});
