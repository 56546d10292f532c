// Backs up what can be: tables every night beside their point-in-time recovery, and the volumes that hold the cursors.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Volumes that carry this tag, with the platform's name, are backed up: those of ZooKeeper, which hold the cursors of topics. */
export const BACKUP_TAG = 'starquake-backup';

const KEPT_DAYS = 35;

/** What a backup is made of. */
export interface BackupProps {
  /** Of the platform. */
  readonly name: string;
  readonly key: IKey;
  readonly tables: readonly ITableV2[];
}

/**
 * A vault and a nightly plan.
 *
 * @example
 * new Backup(this, 'Backup', { name: 'starquake', key, tables: [runs, timers] });
 */
export class Backup extends Construct {
  readonly vault: BackupVault;
  readonly plan: BackupPlan;

  constructor(scope: Construct, id: string, { name, key, tables }: BackupProps) {
    super(scope, id);
    this.vault = new BackupVault(this, 'Vault', {
      backupVaultName: name,
      encryptionKey: key,
      // Also an administrator has to change the vault first, on purpose.
      blockRecoveryPointDeletion: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.plan = new BackupPlan(this, 'Plan', { backupPlanName: name, backupVault: this.vault });
    this.plan.addRule(
      new BackupPlanRule({
        ruleName: 'nightly',
        scheduleExpression: Schedule.cron({ hour: '3', minute: '0' }),
        startWindow: Duration.hours(1),
        completionWindow: Duration.hours(8),
        deleteAfter: Duration.days(KEPT_DAYS),
      }),
    );
    const selection = this.plan.addSelection('All', {
      backupSelectionName: name,
      resources: [...tables.map((table) => BackupResource.fromArn(table.tableArn)), BackupResource.fromTag(BACKUP_TAG, name)],
      allowRestores: true,
    });
    const role = selection.node.findChild('Role');
    acknowledge(role, [
      [
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]',
        'The policy that AWS keeps for its backup service, assumed by that service only',
      ],
      [
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores]',
        'The policy that AWS keeps for its backup service, assumed by that service only',
      ],
    ]);
  }
}
