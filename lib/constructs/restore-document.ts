// An automation of Systems Manager that puts a table back to an earlier second, under its own name, as `docs/runbook.md` tells.
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

const WAIT_SECONDS = 6 * 3600;

/** A step that calls DynamoDB. */
const call = (name: string, api: string, inputs: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) => ({
  name,
  action: 'aws:executeAwsApi',
  inputs: { Service: 'dynamodb', Api: api, ...inputs },
  // A second try of what begins something would find its own beginning in the way: it is for people to look.
  maxAttempts: 1,
  onFailure: 'Abort',
  ...more,
});

/** A step that waits until a table or a backup has become what is wanted. */
const wait = (name: string, api: string, inputs: Readonly<Record<string, unknown>>, selector: string, wanted: string) => ({
  name,
  action: 'aws:waitForAwsResourceProperty',
  timeoutSeconds: WAIT_SECONDS,
  inputs: { Service: 'dynamodb', Api: api, ...inputs, PropertySelector: selector, DesiredValues: [wanted] },
});

/** Named after its execution, so that one that was left does not stand in the way of the next. */
const COPY = '{{ Table }}-restored-{{ automation:EXECUTION_ID }}';

/** The first half, at whose end somebody who has looked at the copy says yes. */
const makeCopy = () => [
  call('RestoreCopy', 'RestoreTableToPointInTime', {
    SourceTableName: '{{ Table }}',
    TargetTableName: COPY,
    RestoreDateTime: '{{ RestoreTo }}',
  }),
  wait('WaitForCopy', 'DescribeTable', { TableName: COPY }, '$.Table.TableStatus', 'ACTIVE'),
  {
    name: 'LookAtCopy',
    action: 'aws:approve',
    timeoutSeconds: 24 * 3600,
    inputs: {
      Message: 'The copy stands. Approve to delete the table and to put the copy in its place; connectors must be stopped by now.',
      Approvers: ['{{ Approver }}'],
    },
  },
];

/** The second half: the table is deleted, and made again from a backup of the copy. */
const putInPlace = () => [
  call(
    'BackUpCopy',
    'CreateBackup',
    { TableName: COPY, BackupName: 'restore' },
    { outputs: [{ Name: 'Arn', Selector: '$.BackupDetails.BackupArn', Type: 'String' }] },
  ),
  wait(
    'WaitForBackup',
    'DescribeBackup',
    { BackupArn: '{{ BackUpCopy.Arn }}' },
    '$.BackupDescription.BackupDetails.BackupStatus',
    'AVAILABLE',
  ),
  call('Unprotect', 'UpdateTable', { TableName: '{{ Table }}', DeletionProtectionEnabled: false }),
  wait('WaitUnprotected', 'DescribeTable', { TableName: '{{ Table }}' }, '$.Table.TableStatus', 'ACTIVE'),
  // DynamoDB keeps a backup of the damaged one by itself, for 35 days.
  call('DeleteDamaged', 'DeleteTable', { TableName: '{{ Table }}' }),
  { name: 'WaitUntilGone', action: 'aws:sleep', inputs: { Duration: 'PT5M' } },
  call('Restore', 'RestoreTableFromBackup', { TargetTableName: '{{ Table }}', BackupArn: '{{ BackUpCopy.Arn }}' }),
  wait('WaitForTable', 'DescribeTable', { TableName: '{{ Table }}' }, '$.Table.TableStatus', 'ACTIVE'),
];

/** A restored table has neither protection, nor recovery, nor expiry: it gets them before what it was made from goes. */
const complete = () => [
  call('Protect', 'UpdateTable', { TableName: '{{ Table }}', DeletionProtectionEnabled: true }),
  wait('WaitProtected', 'DescribeTable', { TableName: '{{ Table }}' }, '$.Table.TableStatus', 'ACTIVE'),
  call(
    'KeepPast',
    'UpdateContinuousBackups',
    {
      TableName: '{{ Table }}',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: '{{ RecoveryDays }}' },
    },
    // A table that is new may not be ready for it; saying it twice is the same as once.
    { maxAttempts: 5 },
  ),
  {
    name: 'DoesItExpire',
    action: 'aws:branch',
    inputs: { Choices: [{ NextStep: 'Expire', Variable: '{{ TimeToLive }}', StringEquals: 'expires' }], Default: 'DeleteCopy' },
  },
  call('Expire', 'UpdateTimeToLive', {
    TableName: '{{ Table }}',
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  }),
];

/** The table has all that these were made for; one that cannot be deleted is no reason to call the restore a failure. */
const tidyUp = () => [
  call('DeleteCopy', 'DeleteTable', { TableName: COPY }, { onFailure: 'Continue' }),
  call('DeleteBackup', 'DeleteBackup', { BackupArn: '{{ BackUpCopy.Arn }}' }, { onFailure: 'Continue', isEnd: true }),
];

const required = (description: string, allowedPattern: string) => ({ type: 'String', description, allowedPattern });

/** The automation, called `<name>-restore-table`. */
export const createRestoreDocument = (scope: Construct, name: string): CfnDocument =>
  new CfnDocument(scope, 'RestoreTable', {
    name: `${name}-restore-table`,
    documentType: 'Automation',
    documentFormat: 'JSON',
    updateMethod: 'NewVersion',
    content: {
      schemaVersion: '0.3',
      description: `Puts a table of ${name} back to an earlier second, under its own name. Stop all connectors first.`,
      // It may do what whoever starts it may do: no role waits for somebody to misuse it.
      parameters: {
        Table: required('Name of the table', '^[A-Za-z0-9_.-]{3,200}$'),
        RestoreTo: required('The second, in UTC, as in 2026-11-23T14:00:00Z', String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`),
        Approver: required('ARN of who looks at the copy before the table is deleted', '^arn:aws[a-z-]*:(iam|sts)::\\d{12}:.+$'),
        RecoveryDays: {
          type: 'Integer',
          description: 'How far back it can be restored from then on, days; 7 for the table of keys',
          default: 35,
        },
        TimeToLive: {
          type: 'String',
          description: 'Attribute by which items expire, for the table of runs',
          default: 'none',
          allowedValues: ['none', 'expires'],
        },
      },
      mainSteps: [...makeCopy(), ...putInPlace(), ...complete(), ...tidyUp()],
    },
  });
