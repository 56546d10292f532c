// What the agents on the machines bring to CloudWatch: the measurements that alarms and the dashboard look at, and no other, for each costs.

/** Who tells a measurement: the name of the job that scrapes it, or the agent itself. */
export type MetricSource = 'connector' | 'broker' | 'bookie' | 'zookeeper' | 'machine';

/** A measurement as it comes to CloudWatch, added up over all machines. */
export interface ScrapedMetric {
  /** As its source names it; counters come as what was added since the last look. */
  readonly name: string;
  readonly source: MetricSource;
  readonly unit: 'Count' | 'Bytes' | 'Seconds' | 'Percent' | 'None';
  /** Labels that stay, as dimensions, beside `job`, which is the source. */
  readonly labels: readonly string[];
  /** Only where a label is like this, as a regular expression for the whole of it. */
  readonly only?: Readonly<Record<string, string>>;
}

/** Topics that are read at once: what waits there waits for somebody who does not come. */
const READ_AT_ONCE = String.raw`persistent://.+/(inbox|retries|timers)(-partition-\d+)?`;
/** Topics that are kept, and offloaded. */
const OFFLOADED = String.raw`persistent://.+/(history|usage)(-partition-\d+)?`;

/** All measurements, by what they are called here. */
export const platformMetrics = {
  runEnds: {
    name: 'starquake_run_ends_total',
    source: 'connector',
    unit: 'Count',
    labels: ['status'],
    only: { status: 'completed|failed|canceled' },
  },
  // A counter that appears with its first count is not told of: what an alarm counts one by one has no label, and is 0 from the start.
  blockedRuns: { name: 'starquake_blocked_runs_total', source: 'connector', unit: 'Count', labels: [] },
  deadLetters: { name: 'starquake_dead_letters_total', source: 'connector', unit: 'Count', labels: [] },
  commits: {
    name: 'starquake_commits_total',
    source: 'connector',
    unit: 'Count',
    labels: ['outcome'],
    only: { outcome: 'appended|conflict' },
  },
  troubles: { name: 'starquake_troubles_total', source: 'connector', unit: 'Count', labels: ['code'], only: { code: 'UPGRADE_ME' } },
  listCost: { name: 'starquake_list_cost_dollars_total', source: 'connector', unit: 'None', labels: [] },
  openMessages: { name: 'starquake_open_messages', source: 'connector', unit: 'Count', labels: [] },
  ownedPartitions: { name: 'starquake_owned_partitions', source: 'connector', unit: 'Count', labels: [] },
  attemptsInFlight: { name: 'starquake_attempts_in_flight', source: 'connector', unit: 'Count', labels: [] },
  attemptsWaiting: { name: 'starquake_attempts_waiting', source: 'connector', unit: 'Count', labels: [] },
  backlogAge: {
    name: 'pulsar_storage_backlog_age_seconds',
    source: 'broker',
    unit: 'Seconds',
    labels: [],
    only: { topic: READ_AT_ONCE },
  },
  storedBytes: { name: 'pulsar_storage_logical_size', source: 'broker', unit: 'Bytes', labels: [], only: { topic: OFFLOADED } },
  offloadedBytes: { name: 'pulsar_storage_offloaded_size', source: 'broker', unit: 'Bytes', labels: [], only: { topic: OFFLOADED } },
  underReplicated: {
    name: 'replication_auditor_NUM_UNDERREPLICATED_LEDGERS_ELAPSED_RECOVERY_GRACE_PERIOD',
    source: 'bookie',
    unit: 'Count',
    labels: [],
  },
  bookieWritable: { name: 'bookie_SERVER_STATUS', source: 'bookie', unit: 'None', labels: [] },
  zookeeperQueue: { name: 'outstanding_requests', source: 'zookeeper', unit: 'Count', labels: [] },
  diskUsed: { name: 'disk_used_percent', source: 'machine', unit: 'Percent', labels: [] },
} as const satisfies Record<string, ScrapedMetric>;

/** What a measurement is called here. */
export type ScrapedMetricName = keyof typeof platformMetrics;

/** All measurements, as the agents look for them. */
export const scrapedMetrics: readonly ScrapedMetric[] = Object.values(platformMetrics);

/** The sources that each size has. `dev` tells nothing: the way to CloudWatch costs more than its machine. */
export const listSources = (size: 'dev' | 'small' | 'production'): readonly MetricSource[] =>
  size === 'dev' ? [] : ['connector', 'broker', 'bookie', 'zookeeper', 'machine'];
