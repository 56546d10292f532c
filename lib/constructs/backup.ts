// Backs up what can be: tables every night beside their point-in-time recovery, and the volumes that hold the cursors.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Volumes that carry this tag, with the platform's name, are backed up: those that hold the cursors of topics and the list of ledgers. */
export const BACKUP_TAG = 'starquake-backup';

/** Point-in-time recovery covers 35 days of a table; nightly copies are for a table that is gone, and each is paid in full. */
const TABLE_DAYS = 7;
/** Volumes are copied by what changed. */
const VOLUME_DAYS = 35;

/** What a backup is made of. */
export interface BackupProps {
  /** Of the platform. */
  readonly name: string;
  readonly key: IKey;
  readonly tables: readonly ITableV2[];
}

/**
 * A vault, and two nightly plans.
 *
 * @example
 * new Backup(this, 'Backup', { name: 'starquake', key, tables: [runs, timers] });
 */
export class Backup extends Construct {
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, { name, key, tables }: BackupProps) {
    super(scope, id);
    this.vault = new BackupVault(this, 'Vault', {
      backupVaultName: name,
      encryptionKey: key,
      // Also an administrator has to change the vault first, on purpose.
      blockRecoveryPointDeletion: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.#addPlan(
      `${name}-tables`,
      TABLE_DAYS,
      tables.map((table) => BackupResource.fromArn(table.tableArn)),
    );
    this.#addPlan(`${name}-volumes`, VOLUME_DAYS, [BackupResource.fromTag(BACKUP_TAG, name)]);
  }

  #addPlan(name: string, keptDays: number, resources: BackupResource[]): void {
    const plan = new BackupPlan(this, name, { backupPlanName: name, backupVault: this.vault });
    plan.addRule(
      new BackupPlanRule({
        ruleName: 'nightly',
        scheduleExpression: Schedule.cron({ hour: '3', minute: '0' }),
        startWindow: Duration.hours(1),
        completionWindow: Duration.hours(8),
        deleteAfter: Duration.days(keptDays),
      }),
    );
    const selection = plan.addSelection('All', { backupSelectionName: name, resources, allowRestores: true });
    acknowledge(
      selection.node.findChild('Role'),
      ['Backup', 'Restores'].map((use) => [
        `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${use}]`,
        'The policy that AWS keeps for its backup service, assumed by that service only',
      ]),
    );
  }
}
