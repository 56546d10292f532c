// What a platform keeps, in its template: nothing of it is lost with its stack, lies open, or stays longer than it should.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StateStack } from '../../lib/stacks/state-stack.ts';
import type { SettingsInput } from '../../lib/settings/settings.ts';
import { GRANTED, LEFTOVER_DAYS, PAYLOADS } from '../../src/platform/bucket.ts';
import { nameTable, tableDefinitions } from '../../src/platform/tables.ts';
import { readParts, readProperty, synthesizeStacks, type TemplatePart } from '../support/infra/synthesize-stacks.ts';

const synthesize = (asked: SettingsInput) =>
  synthesizeStacks(asked, (app, settings) => new StateStack(app, 'state', { env: { region: settings.region }, settings }));

const input: SettingsInput = { size: 'small', retention: { payloads: 50, archives: 700 } };
const small = synthesize(input);
const again = synthesize(input);
const given = synthesize({ artefacts: { bucket: 'releases-of-ours' } });
const buckets = small.list('AWS::S3::Bucket');

const rulesOf = (what: string): readonly TemplatePart[] =>
  readParts(
    buckets.find((bucket) => JSON.stringify(readProperty(bucket, 'BucketName')).includes(`-${what}-`)),
    'LifecycleConfiguration.Rules',
  );

describe('the tables', () => {
  it.each(tableDefinitions)('are as their definitions say: $suffix', (definition) => {
    const name = nameTable('starquake', definition);
    const table = small.list('AWS::DynamoDB::GlobalTable').find((candidate) => readProperty(candidate, 'TableName') === name);
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: definition.partitionKey, KeyType: 'HASH' },
        { AttributeName: definition.sortKey, KeyType: 'RANGE' },
      ],
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [
        {
          DeletionProtectionEnabled: definition.deletionProtection,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: definition.pointInTimeRecovery,
            RecoveryPeriodInDays: 'recoveryDays' in definition ? definition.recoveryDays : 35,
          },
        },
      ],
      ...('timeToLive' in definition && { TimeToLiveSpecification: { AttributeName: definition.timeToLive, Enabled: true } }),
    });
  });
});

describe('the buckets', () => {
  it('are encrypted, versioned, closed to the public, and asked by TLS only', () => {
    expect(buckets).toHaveLength(4);
    for (const bucket of buckets) {
      expect(bucket.Properties).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      });
      expect(readProperty(bucket, 'BucketEncryption.ServerSideEncryptionConfiguration')).toHaveLength(1);
    }
    const refusals = small.list('AWS::S3::BucketPolicy').map((policy) => JSON.stringify(readProperty(policy, 'PolicyDocument.Statement')));
    expect(refusals).toHaveLength(4);
    for (const statements of refusals) expect(statements).toContain('"aws:SecureTransport":"false"');
  });

  it('tell who asked for what, all in one place', () => {
    const telling = buckets.filter((bucket) => readProperty(bucket, 'LoggingConfiguration') !== undefined);
    expect(telling).toHaveLength(3);
  });

  it('give up uploads that were not completed', () => {
    for (const what of ['values', 'offload', 'artefacts', 'logs'])
      expect(rulesOf(what)).toContainEqual(
        expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: LEFTOVER_DAYS }, Status: 'Enabled' }),
      );
  });

  it('keep values as long as the settings say, and archives longer, cooled where that is cheaper', () => {
    for (const prefix of [PAYLOADS, GRANTED])
      expect(rulesOf('values')).toContainEqual(expect.objectContaining({ Prefix: prefix, ExpirationInDays: 50 }));
    expect(rulesOf('values')).toContainEqual(expect.objectContaining({ Prefix: 'archive/', ExpirationInDays: 700 }));
    const [cool] = rulesOf('values').filter((rule) => rule['Transitions'] !== undefined);
    expect(cool).toMatchObject({ Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }] });
    expect(cool).not.toHaveProperty('ExpirationInDays');
  });

  it('never delete what brokers offloaded, before the broker does', () => {
    for (const rule of rulesOf('offload')) expect(rule).not.toHaveProperty('ExpirationInDays');
  });

  it('do not make one for artefacts where one is given', () => {
    expect(given.list('AWS::S3::Bucket')).toHaveLength(3);
    expect(given.text).toContain('releases-of-ours');
  });
});

describe('the keys', () => {
  it('have new material every year, and stay when the stack goes', () => {
    const keys = small.list('AWS::KMS::Key');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatchObject({ Properties: { EnableKeyRotation: true }, DeletionPolicy: 'Retain' });
    const aliases = small.list('AWS::KMS::Alias').map((alias) => readProperty(alias, 'AliasName'));
    expect(new Set(aliases)).toEqual(new Set(['alias/starquake-storage', 'alias/starquake-tenants']));
  });
});

describe('what is kept', () => {
  it('stays when the stack goes, or a change would replace it', () => {
    const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Backup::BackupVault'].flatMap((type) =>
      small.list(type),
    );
    expect(kept).toHaveLength(10);
    for (const resource of kept) expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('is backed up every night, but for the keys of tenants, which must be able to be erased', () => {
    const text = JSON.stringify(small.list('AWS::Backup::BackupSelection'));
    for (const table of small.list('AWS::DynamoDB::GlobalTable'))
      expect(text.includes(`"${table.id}"`)).toBe(readProperty(table, 'TableName') !== 'starquake-keys');
    expect(text).toContain('"ConditionKey":"starquake-backup","ConditionType":"STRINGEQUALS","ConditionValue":"starquake"');
    const kept = small.list('AWS::Backup::BackupPlan').map((plan) => readParts(plan, 'BackupPlan.BackupPlanRule')[0]);
    expect(kept).toMatchObject([{ Lifecycle: { DeleteAfterDays: 7 } }, { Lifecycle: { DeleteAfterDays: 35 } }]);
    const [vault] = small.list('AWS::Backup::BackupVault');
    expect(JSON.stringify(vault?.Properties)).toContain('backup:DeleteRecoveryPoint');
  });
});

describe('the automation that restores a table', () => {
  const [document] = small.list('AWS::SSM::Document');
  const steps = readParts(document, 'Content.mainSteps');
  const names = steps.map(({ name }) => name);

  it('deletes nothing before somebody has looked at the copy and said yes', () => {
    const order = ['RestoreCopy', 'LookAtCopy', 'WaitForBackup', 'DeleteDamaged', 'Restore', 'Protect', 'KeepPast', 'Expire'].map((name) =>
      names.indexOf(name),
    );
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((left, right) => left - right));
  });

  it.each(['expires', 'none'])('deletes copy and backup at last, when the table has all it should have: TimeToLive=%s', (timeToLive) => {
    const choiceSchema = z.object({
      Choices: z.tuple([z.object({ NextStep: z.string(), StringEquals: z.string() })]),
      Default: z.string(),
    });
    const walked: unknown[] = [];
    for (let at = 0; at < steps.length && walked.length <= steps.length;) {
      const step = steps[at] ?? {};
      walked.push(step['name']);
      if (step['isEnd'] === true) break;
      if (step['action'] !== 'aws:branch') at++;
      else {
        const { Choices, Default } = choiceSchema.parse(step['inputs']);
        at = names.indexOf(Choices[0].StringEquals === timeToLive ? Choices[0].NextStep : Default);
      }
    }
    const ends = ['DoesItExpire', ...(timeToLive === 'expires' ? ['Expire'] : []), 'DeleteCopy', 'DeleteBackup'];
    expect(walked.slice(walked.indexOf('DoesItExpire'))).toEqual(ends);
  });

  it('says again what a table that is new may not be ready for, and calls no restore a failure for what it could not tidy up', () => {
    const find = (name: string): TemplatePart => steps.find((step) => step['name'] === name) ?? {};
    expect(find('KeepPast')).toMatchObject({ maxAttempts: 5, onFailure: 'Abort' });
    for (const name of ['DeleteCopy', 'DeleteBackup']) expect(find(name)).toMatchObject({ onFailure: 'Continue' });
    expect(find('Restore')).toMatchObject({ maxAttempts: 1, onFailure: 'Abort' });
  });

  it('has a bound on every wait, and a name for every step once', () => {
    expect(new Set(names).size).toBe(names.length);
    const waits = steps.filter(({ action }) => /wait|approve/.test(String(action)));
    expect(waits.length).toBeGreaterThan(3);
    for (const { timeoutSeconds } of waits) expect(timeoutSeconds).toBeGreaterThan(0);
  });

  it('acts with the rights of whoever starts it: no role waits to be misused', () => {
    expect(readProperty(document, 'Content')).not.toHaveProperty('assumeRole');
  });
});

it('the same settings make the same template', () => {
  expect(again.text).toBe(small.text);
});
