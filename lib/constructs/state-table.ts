// Makes a table of the engine as its definition says: what is kept, how long, and what it takes to lose it.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { nameTable, type TableDefinition } from '../../src/platform/tables.ts';

const MOST_RECOVERY_DAYS = 35;

/** What a table needs beside its definition. */
export interface StateTableProps {
  readonly definition: TableDefinition;
  /** Stands before its name. */
  readonly prefix: string;
  /** Encrypts it. */
  readonly key: IKey;
}

/** A table of the engine: paid by use, encrypted, kept when its stack goes, and restorable to any second of its window. */
export const createTable = (scope: Construct, id: string, { definition, prefix, key }: StateTableProps): ITableV2 => {
  const { partitionKey, sortKey, timeToLive, pointInTimeRecovery, recoveryDays, deletionProtection } = definition;
  const table = new TableV2(scope, id, {
    tableName: nameTable(prefix, definition),
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: pointInTimeRecovery,
      recoveryPeriodInDays: recoveryDays ?? MOST_RECOVERY_DAYS,
    },
    ...(timeToLive !== undefined && { timeToLiveAttribute: timeToLive }),
    deletionProtection,
    removalPolicy: RemovalPolicy.RETAIN,
    encryption: TableEncryptionV2.customerManagedKey(key),
  });
  // The class says `tableId: string | undefined`, its interface `tableId?: string`: the same, but not to a strict compiler.
  return table as ITableV2;
};
