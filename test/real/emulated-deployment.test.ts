// Deploys `dev` with the real command line of the CDK on an emulator of AWS. That is weak evidence: the emulator says that all is well
// also where it made nothing. So what it skips is listed by name, as is what it forgets; what it made is read back; nothing more is claimed:
// not that AWS takes the templates, not that permissions suffice, not that a machine starts.
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { GetKeyRotationStatusCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient, ListAliasesCommand as ListFunctionAliasesCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, ListDocumentsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSsmRegistry } from '../../src/adapters/ssm/ssm-registry.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { nameConnectorRole, nameFunctionPrefix, nameRegistry } from '../../lib/settings/names.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { findFunctionName } from '../../src/platform/function-names.ts';
import { nameTable, tableDefinitions } from '../../src/platform/tables.ts';
import { ACCOUNT, deploySize, type DeployedStack } from '../support/emulator/deploy-size.ts';
import { removedTypes } from '../support/emulator/reduce-assembly.ts';
import { expectMade, listUnmade, skippedTypes } from '../support/emulator/what-it-skips.ts';
import { findSsm } from '../support/ssm/start-ssm.ts';

const REGION = 'us-east-1';
const CALL = { timeoutMs: 30_000 };
const settings = readSettings({ size: 'dev', region: REGION });
const emulator = await findSsm();
const missing = emulator.missing;

let stacks: Readonly<Record<string, DeployedStack>>;
beforeAll(async () => {
  if (missing === '') stacks = await deploySize('dev', emulator, skippedTypes);
}, 300_000);
afterAll(() => emulator.stop());

/** The name of the error that a call ends with. */
const findError = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );

const readManifests = async (): Promise<{ readonly manifests: readonly Manifest[]; readonly reports: readonly unknown[] }> => {
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const registry = openSsmRegistry({ clock: systemClock, folder: nameRegistry(settings), client: emulator.client, report });
  try {
    return { manifests: await registry.list(CALL), reports };
  } finally {
    registry.close();
  }
};

describe.skipIf(missing !== '')(`dev, deployed on an emulator of AWS${missing}`, () => {
  it('comes to all of its stacks, in an account that was bootstrapped', async () => {
    const parts = ['apps', 'console', 'cost', 'engine', 'network', 'observability', 'pulsar', 'state'];
    expect(Object.keys(stacks).toSorted()).toEqual(parts.map((part) => `${settings.name}-${part}`));
    const ssm = new SSMClient(emulator.client);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }));
    expect(Number(Parameter?.Value)).toBeGreaterThan(20);
    ssm.destroy();
  });

  it('is made, each resource of each type, but for the types that are known by name to be skipped', () => {
    expect(listUnmade(stacks)).toEqual([...skippedTypes, ...removedTypes].toSorted());
    for (const [stack, { asked, made }] of Object.entries(stacks)) expect({ stack, made }).toEqual({ stack, made: expectMade(asked) });
  });

  it('has its tables, with keys, billing and protection as the engine defines them', async () => {
    const dynamodb = new DynamoDBClient(emulator.client);
    for (const definition of tableDefinitions) {
      const TableName = nameTable(settings.name, definition);
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      expect(Table).toMatchObject({
        KeySchema: [
          { AttributeName: definition.partitionKey, KeyType: 'HASH' },
          { AttributeName: definition.sortKey, KeyType: 'RANGE' },
        ],
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
        DeletionProtectionEnabled: definition.deletionProtection,
      });
    }
    dynamodb.destroy();
  });

  it('has its buckets, encrypted with the key of the platform', async () => {
    const s3 = new S3Client({ ...emulator.client, forcePathStyle: true });
    const kms = new KMSClient(emulator.client);
    const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
    const findKey = (alias: string): string | undefined => Aliases.find(({ AliasName }) => AliasName === alias)?.TargetKeyId;
    for (const what of ['values', 'offload', 'artefacts']) {
      const Bucket = `${settings.name}-${what}-${ACCOUNT}-${REGION}`;
      const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
      expect(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({
        SSEAlgorithm: 'aws:kms',
        KMSMasterKeyID: expect.stringMatching(new RegExp(`:key/${findKey(`alias/${settings.name}-storage`)}$`)),
      });
    }
    await s3.send(new HeadBucketCommand({ Bucket: `${settings.name}-logs-${ACCOUNT}-${REGION}` }));
    const KeyId = findKey(`alias/${settings.name}-tenants`) ?? '';
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: true });
    s3.destroy();
    kms.destroy();
  });

  it('has the runbooks, and the name of the role that apps give rights to', async () => {
    const ssm = new SSMClient(emulator.client);
    const { DocumentIdentifiers = [] } = await ssm.send(new ListDocumentsCommand({ Filters: [{ Key: 'Owner', Values: ['Self'] }] }));
    const names = DocumentIdentifiers.map(({ Name = '' }) => Name).toSorted();
    expect(names).toEqual(
      ['renew-keys', 'replace-node', 'restart-role', 'restore-table', 'upgrade'].map((kind) => `${settings.name}-${kind}`),
    );
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: nameConnectorRole(settings) }));
    expect(Parameter?.Value).toMatch(/Role/);
    ssm.destroy();
  });

  it('has its example apps in the registry, as a connector reads it', async () => {
    const { manifests, reports } = await readManifests();
    expect(reports).toEqual([]);
    expect(manifests.map(({ app }) => app).toSorted()).toEqual(['booking', 'booking-sequential']);
  });

  it('has every function that their manifests name, with code in it and more time than the job may take', async () => {
    const lambda = new LambdaClient(emulator.client);
    const prefix = nameFunctionPrefix(settings);
    const { manifests } = await readManifests();
    const jobs = manifests.flatMap((manifest) => manifest.jobs);
    const engine = manifests.flatMap(({ decisionFunction, jobRetryFunction }) => [decisionFunction, jobRetryFunction]);
    const wanted = [...engine.map((name) => ({ function: name, timeoutMs: 0 })), ...jobs, { function: 'starquake.timer', timeoutMs: 0 }];
    expect(wanted.length).toBeGreaterThan(10);
    for (const { function: name, timeoutMs } of wanted) {
      // The emulator has no aliases.
      const [FunctionName = ''] = findFunctionName(name, { prefix }).split(':');
      const { CodeSize = 0, Timeout = 0, Runtime } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      expect({ FunctionName, hasCode: CodeSize > 500, hasTime: Timeout * 1000 > timeoutMs, Runtime }).toEqual({
        FunctionName,
        hasCode: true,
        hasTime: true,
        Runtime: 'nodejs24.x',
      });
    }
    lambda.destroy();
  });

  it('is without what the emulator forgets of what it made: expiry, recovery, lifecycles, closed buckets, aliases', async () => {
    const dynamodb = new DynamoDBClient(emulator.client);
    const s3 = new S3Client({ ...emulator.client, forcePathStyle: true });
    const lambda = new LambdaClient(emulator.client);
    const TableName = `${settings.name}-runs`;
    const Bucket = `${settings.name}-values-${ACCOUNT}-${REGION}`;
    const FunctionName = `${nameFunctionPrefix(settings)}booking_decision`;
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    const { ContinuousBackupsDescription } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect({
      expiry: TimeToLiveDescription?.TimeToLiveStatus,
      recovery: ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      lifecycle: await findError(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
      closed: await findError(s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
      aliases: (await lambda.send(new ListFunctionAliasesCommand({ FunctionName }))).Aliases,
      architectures: (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).Architectures,
    }).toEqual({
      expiry: 'DISABLED',
      recovery: 'DISABLED',
      lifecycle: 'NoSuchLifecycleConfiguration',
      closed: 'NoSuchPublicAccessBlockConfiguration',
      aliases: [],
      architectures: ['x86_64'],
    });
    dynamodb.destroy();
    s3.destroy();
    lambda.destroy();
  });
});
