// Makes the buckets of a platform: values and archives, what brokers offload, artefacts, and who asked for what of them.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  StorageClass,
  type IBucket,
  type LifecycleRule,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ARCHIVE, LEFTOVER_DAYS, listLifecycleRules } from '../../src/platform/bucket.ts';
import { nameBucket } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';

/** Replaced and deleted objects can be had back so long, as long as the tables that name them. */
const RECOVERY_DAYS = 35;

const replication: readonly [string, string] = [
  'NIST.800.53.R5-S3BucketReplicationEnabled',
  'The platform lives in one region by design; S3 keeps each object in three zones, and versions guard against deletion',
];

/** What all buckets have in common. */
const closed = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
  removalPolicy: RemovalPolicy.RETAIN,
} as const;

const days = (count: number): Duration => Duration.days(count);

/** In every bucket: uploads that were given up are taken away. */
const givenUp: LifecycleRule = {
  id: 'given-up',
  abortIncompleteMultipartUploadAfter: days(LEFTOVER_DAYS),
  expiredObjectDeleteMarker: true,
};

/** What was replaced or deleted is taken away after a while. */
const replaced: LifecycleRule = { id: 'replaced', noncurrentVersionExpiration: days(RECOVERY_DAYS) };

/** The rules of the engine's own bucket, from where adapters and tests take them too. */
const listValueRules = ({ retention: { payloads, archives } }: Settings): LifecycleRule[] => [
  givenUp,
  ...listLifecycleRules({ payloadDays: payloads, ...(archives !== undefined && { archiveDays: archives }) }).flatMap((rule) => {
    const { prefix, expireAfterDays, coolAfterDays, coolAboveBytes } = rule;
    const name = prefix.replace('/', '');
    const rules: LifecycleRule[] = [
      {
        id: name,
        prefix,
        noncurrentVersionExpiration: days(prefix === ARCHIVE ? RECOVERY_DAYS : LEFTOVER_DAYS),
        ...(expireAfterDays !== undefined && { expiration: days(expireAfterDays) }),
      },
    ];
    // A rule that looks at sizes does so for all that it does: it stands apart from the one that deletes.
    if (coolAfterDays !== undefined)
      rules.push({
        id: `${name}-cool`,
        prefix,
        ...(coolAboveBytes !== undefined && { objectSizeGreaterThan: coolAboveBytes }),
        transitions: [{ storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: days(coolAfterDays) }],
      });
    return rules;
  }),
];

// The class says `policy: BucketPolicy | undefined`, its interface `policy?: BucketPolicy`: the same, but not to a strict compiler;
// hence the `as IBucket` below.

/** Where S3 writes who asked for what. */
export const createLogBucket = (scope: Construct, settings: Settings): IBucket => {
  const bucket = new Bucket(scope, 'Logs', {
    ...closed,
    bucketName: nameBucket(settings, 'logs'),
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [
      givenUp,
      { id: 'old', expiration: days(Math.max(settings.retention.logs, 90)), noncurrentVersionExpiration: days(LEFTOVER_DAYS) },
    ],
  });
  acknowledge(bucket, [
    replication,
    ['AwsSolutions-S1', 'It is where access logs go: its own would fill it with themselves'],
    ['NIST.800.53.R5-S3BucketLoggingEnabled', 'It is where access logs go: its own would fill it with themselves'],
    ['NIST.800.53.R5-S3DefaultEncryptionKMS', 'S3 delivers access logs only to buckets that it encrypts with its own key'],
  ]);
  return bucket as IBucket;
};

/** How a bucket differs from others. */
interface KeptBucketProps {
  readonly settings: Settings;
  readonly key: IKey;
  readonly logs: IBucket;
  /** What it is for, part of its name. */
  readonly what: string;
  readonly rules: LifecycleRule[];
}

const createBucket = (scope: Construct, id: string, { settings, key, logs, what, rules }: KeptBucketProps): IBucket => {
  const bucket = new Bucket(scope, id, {
    ...closed,
    bucketName: nameBucket(settings, what),
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    // One request to KMS serves many objects.
    bucketKeyEnabled: true,
    serverAccessLogsBucket: logs,
    serverAccessLogsPrefix: `${what}/`,
    lifecycleRules: rules,
  });
  acknowledge(bucket, [replication]);
  return bucket as IBucket;
};

type Given = Pick<KeptBucketProps, 'settings' | 'key' | 'logs'>;

/** Large values, commits and archives of the engine. */
export const createValueBucket = (scope: Construct, given: Given): IBucket => {
  const bucket = createBucket(scope, 'Values', { ...given, what: 'values', rules: listValueRules(given.settings) });
  acknowledge(bucket, [
    ['CloudFormation-Validate::W9003', 'CDK writes the size of a rule as a number, which CloudFormation takes for the text that it wants'],
  ]);
  return bucket;
};

/** Closed ledgers, which brokers put and take away by themselves; what they took away can be had back as long as ZooKeeper's past. */
export const createOffloadBucket = (scope: Construct, given: Given): IBucket =>
  createBucket(scope, 'Offload', { ...given, what: 'offload', rules: [givenUp, replaced] });

/** The distribution of Pulsar and the connector, put there by whoever releases. */
export const createArtefactBucket = (scope: Construct, given: Given): IBucket =>
  createBucket(scope, 'Artefacts', { ...given, what: 'artefacts', rules: [givenUp, replaced] });
