// The tables, their keys and how they are kept, in one place: the deployment makes them from here, the adapters and the tests as well.

/** One table, as plain data. */
export interface TableDefinition {
  /** Follows the deployment's prefix in the table's name. */
  readonly suffix: string;
  /** Both keys are texts. */
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Seconds since the epoch, from which on DynamoDB deletes the item by itself. */
  readonly timeToLive?: string;
  readonly billing: 'on-demand';
  readonly pointInTimeRecovery: boolean;
  /** How far back it can be restored, days; 35, the most, unless given. */
  readonly recoveryDays?: number;
  readonly deletionProtection: boolean;
}

/**
 * Histories and claims. A run is one partition:
 * `a/segments` names its segments, `c/<version>` is a commit, `k/<epoch>/<job>` a claim.
 */
export const runsTable = {
  suffix: 'runs',
  partitionKey: 'run',
  sortKey: 'item',
  timeToLive: 'expires',
  billing: 'on-demand',
  pointInTimeRecovery: true,
  deletionProtection: true,
} as const satisfies TableDefinition;

/**
 * Timers. A bucket (minute, shard) is one partition, its entries are in order of due time;
 * the partition `buckets` names the buckets that may hold something.
 */
export const timersTable = {
  suffix: 'timers',
  partitionKey: 'bucket',
  sortKey: 'entry',
  billing: 'on-demand',
  pointInTimeRecovery: true,
  deletionProtection: true,
} as const satisfies TableDefinition;

/**
 * Data keys of tenants, each wrapped by KMS. What was erased can be restored as long as the table can, so that is short; it is not
 * nothing, because whoever loses this table loses everything.
 */
export const keysTable = {
  suffix: 'keys',
  partitionKey: 'tenant',
  sortKey: 'item',
  billing: 'on-demand',
  pointInTimeRecovery: true,
  recoveryDays: 7,
  deletionProtection: true,
} as const satisfies TableDefinition;

/** All tables of a deployment. */
export const tableDefinitions: readonly TableDefinition[] = [runsTable, timersTable, keysTable];

/**
 * The name of a table.
 *
 * @example
 * nameTable('starquake-prod', runsTable); // 'starquake-prod-runs'
 */
export const nameTable = (prefix: string, { suffix }: TableDefinition): string => `${prefix}-${suffix}`;
