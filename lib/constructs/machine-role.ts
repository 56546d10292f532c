// What machines may do on AWS, by what they are: each action with the resources that it is for.
import { Aws } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ARCHIVE, GRANTED, PAYLOADS } from '../../src/platform/bucket.ts';
import { isMeasured, nameMachineLogs, nameMeasureLogs } from '../machines/render-agent.ts';
import { nameBucket, nameFunctionPrefix, nameMetrics, nameRegistry } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';
import { allow, allowPattern, nameResource } from './allow.ts';
import type { StatePlace } from './machine-places.ts';

/** What every machine's role is made from. */
export interface MachineRoleProps {
  readonly settings: Settings;
  readonly state: StatePlace;
  readonly description: string;
}

/** A bucket is named here, not handed from stack to stack: what a pattern matches can be read in the template. */
const nameObjects = (bucketName: string, pattern: string): string => `arn:${Aws.PARTITION}:s3:::${bucketName}/${pattern}`;

/** The key behind tables, buckets and secrets, used through them only. */
const allowStorageKey = (role: Role, { storageKey }: StatePlace, service: 's3' | 'dynamodb' | 'secretsmanager'): void =>
  allow(role, ['kms:Decrypt', 'kms:GenerateDataKey'], [storageKey.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` },
  });

const allowTelling = (role: Role, settings: Settings): void => {
  const streams = [nameMachineLogs(settings), nameMeasureLogs(settings)].map((name) => nameResource('logs', `log-group:${name}:*`));
  const logging = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'];
  allowPattern(role, logging, streams, 'Streams are named after instances, which are not known before; the groups are these two');
  allowPattern(role, ['cloudwatch:PutMetricData'], ['*'], "It knows no resources; the condition binds it to the platform's own namespace", {
    StringEquals: { 'cloudwatch:namespace': nameMetrics(settings) },
  });
};

/** What every machine may: be reached by Systems Manager, fetch its software, tell of itself where it is measured. */
export const createMachineRole = (scope: Construct, id: string, { settings, state, description }: MachineRoleProps): Role => {
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    description,
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
  });
  acknowledge(role, [
    [
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]',
      'What the agent of Systems Manager needs, kept up to date by AWS; it is the only way onto a machine',
    ],
    ['NIST.800.53.R5-IAMNoInlinePolicy', 'The policy is for this one role, and comes and goes with it'],
  ]);
  const software = ['pulsar/*', 'connector/*'].map((pattern) =>
    nameObjects(settings.artefacts.bucket ?? nameBucket(settings, 'artefacts'), pattern),
  );
  allowPattern(
    role,
    ['s3:GetObject'],
    software,
    'Every version that the settings may name, now or after an upgrade; each is checked by its hash',
  );
  allowStorageKey(role, state, 's3');
  if (isMeasured(settings)) allowTelling(role, settings);
  return role;
};

/** Lets a machine read secrets. */
export const allowSecrets = (role: Role, state: StatePlace, secrets: readonly ISecret[]): void => {
  allowStorageKey(role, state, 'secretsmanager');
  const arns = secrets.map(({ secretArn }) => secretArn);
  allow(role, ['secretsmanager:GetSecretValue'], arns);
};

/** Lets the first machine put keys into secrets. */
export const allowKeyMaking = (role: Role, secrets: readonly ISecret[]): void => {
  const arns = secrets.map(({ secretArn }) => secretArn);
  allow(role, ['secretsmanager:PutSecretValue'], arns);
};

/**
 * Lets a machine take over the address and the disks of its name, and no other's.
 *
 * @param tag - what its group gives to the instance under that name
 */
export const allowTakeOver = (
  role: Role,
  interfaceId: string,
  volumeIds: readonly string[],
  tag: readonly [key: string, value: string],
): void => {
  const [key, value] = tag;
  const volumes = volumeIds.map((id) => nameResource('ec2', `volume/${id}`));
  allow(role, ['ec2:AttachNetworkInterface'], [nameResource('ec2', `network-interface/${interfaceId}`)]);
  if (volumes.length > 0) allow(role, ['ec2:AttachVolume'], volumes);
  allowPattern(
    role,
    ['ec2:AttachNetworkInterface', 'ec2:AttachVolume'],
    [nameResource('ec2', 'instance/*')],
    'An instance is not known before it runs; the condition binds it to the tag of this one node',
    { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
  );
};

/** Lets brokers put closed ledgers into their bucket and read them back. */
export const allowOffload = (role: Role, settings: Settings, { offload }: StatePlace): void => {
  allow(role, ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [offload.bucketArn]);
  const onObjects = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
  const objects = nameObjects(nameBucket(settings, 'offload'), '*');
  allowPattern(role, onObjects, [objects], 'Brokers name the objects of the bucket, which holds nothing but closed ledgers');
};

/** What a connector may: its tables, its prefixes, the platform's functions, the registry. */
export const allowConnector = (role: Role, settings: Settings, state: StatePlace): void => {
  const { runs, timers, keys, bucket, key } = state;
  const onItems = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((action) => `dynamodb:${action}`);
  allow(role, onItems, [runs.tableArn, timers.tableArn]);
  allow(role, ['dynamodb:GetItem', 'dynamodb:PutItem'], [keys.tableArn]);
  allowStorageKey(role, state, 'dynamodb');
  allow(role, ['kms:GenerateDataKey', 'kms:Decrypt'], [key.keyArn]);
  const values = [PAYLOADS, GRANTED, ARCHIVE].map((prefix) => nameObjects(nameBucket(settings, 'values'), `${prefix}*`));
  allowPattern(
    role,
    ['s3:GetObject', 's3:PutObject'],
    values,
    'Values are named after their hash, archives after their run; these are their prefixes',
  );
  // Without it, S3 says of what is missing that it is forbidden.
  allow(role, ['s3:ListBucket'], [bucket.bucketArn]);
  const functions = nameResource('lambda', `function:${nameFunctionPrefix(settings)}*`);
  const aliases = `${functions}:*`;
  allowPattern(
    role,
    ['lambda:InvokeFunction'],
    [functions, aliases],
    "Functions and versions of apps that are deployed later; the prefix is this platform's",
  );
  const registry = nameResource('ssm', `parameter${nameRegistry(settings)}`);
  allow(role, ['ssm:GetParametersByPath'], [registry]);
  allowPattern(role, ['ssm:GetParametersByPath'], [`${registry}/*`], 'Manifests of apps that are deployed later');
};
