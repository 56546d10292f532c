// What a platform keeps: tables, buckets, the keys that they are read with, and the way back to an earlier state.
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { keysTable, runsTable, timersTable } from '../../src/platform/tables.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { Backup } from '../constructs/backup.ts';
import type { StatePlace } from '../constructs/machine-places.ts';
import { createRestoreDocument } from '../constructs/restore-document.ts';
import { createArtefactBucket, createLogBucket, createOffloadBucket, createValueBucket } from '../constructs/state-buckets.ts';
import { createTable } from '../constructs/state-table.ts';
import { nameTablePrefix } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** What it is made from. */
export interface StateStackProps extends StackProps {
  readonly settings: Settings;
}

/**
 * The state of a platform.
 *
 * @example
 * new StateStack(app, 'starquake-state', { env: { region: settings.region }, settings });
 */
export class StateStack extends Stack implements StatePlace {
  /** Histories and claims. */
  readonly runs: ITableV2;
  readonly timers: ITableV2;
  /** Data keys of tenants, wrapped by `key`. */
  readonly keys: ITableV2;
  /** Large values and archives. */
  readonly bucket: IBucket;
  /** Closed ledgers of Pulsar. */
  readonly offload: IBucket;
  /** Pulsar's distribution and the connector, by version. */
  readonly artefacts: IBucket;
  /** Access logs. */
  readonly logs: IBucket;
  /** Wraps the data keys of tenants, which seal payloads before they leave the connector. */
  readonly key: IKey;
  /** Encrypts tables, buckets and backups at rest. */
  readonly storageKey: IKey;

  constructor(scope: Construct, id: string, { settings, ...props }: StateStackProps) {
    super(scope, id, { description: `State of ${settings.name}`, terminationProtection: settings.size !== 'dev', ...props });
    // Access logs by policy, not by ACL, whatever the flags of the app say.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const kept = { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN };
    this.storageKey = new Key(this, 'StorageKey', {
      ...kept,
      alias: `${settings.name}-storage`,
      description: 'Encrypts tables, buckets and backups',
    });
    this.key = new Key(this, 'TenantKey', { ...kept, alias: `${settings.name}-tenants`, description: 'Wraps the data keys of tenants' });
    const table = { prefix: nameTablePrefix(settings), key: this.storageKey };
    this.runs = createTable(this, 'Runs', { ...table, definition: runsTable });
    this.timers = createTable(this, 'Timers', { ...table, definition: timersTable });
    this.keys = createTable(this, 'Keys', { ...table, definition: keysTable });
    this.logs = createLogBucket(this, settings);
    const bucket = { settings, key: this.storageKey, logs: this.logs };
    this.bucket = createValueBucket(this, bucket);
    this.offload = createOffloadBucket(this, bucket);
    const given = settings.artefacts.bucket;
    this.artefacts = given === undefined ? createArtefactBucket(this, bucket) : Bucket.fromBucketName(this, 'Artefacts', given);
    new Backup(this, 'Backup', { name: settings.name, key: this.storageKey, tables: [this.runs, this.timers] });
    createRestoreDocument(this, settings.name);
    acknowledge(this.keys, [
      [
        'NIST.800.53.R5-DynamoDBInBackupPlan',
        'An erased tenant must stay erased: its key may come back for the seven days of point-in-time recovery, and no longer',
      ],
    ]);
    this.#tell();
  }

  #tell(): void {
    const outputs = { Values: this.bucket.bucketName, Offload: this.offload.bucketName, Artefacts: this.artefacts.bucketName };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, `${name}Bucket`, { value });
  }
}
