// The one table of what the engine itself consumes, with where each figure was counted or measured, or that it is assumed.

/** One figure. */
export interface EngineFigure {
  readonly what: string;
  readonly unit: string;
  readonly value: string;
  /** `measured` by a benchmark, `counted` by a test or in the source, `derived` from counted ones, or `assumed` until it is measured. */
  readonly basis: 'measured' | 'counted' | 'derived' | 'assumed';
  readonly where: string;
}

const UNITS_TEST = 'test/contract/dynamodb-units-per-run.test.ts';
const BUS_BENCH = 'npm run bench -- --pulsar, 2026-11-23, runs of four jobs, values of 200 bytes';
const AWS_BENCH = 'npm run bench -- --aws-local, 2026-11-23, stand-ins of AWS on an overloaded machine of two cores';
const SETTINGS = 'src/connector/context/settings.ts';

const counted = (what: string, unit: string, value: string, where: string): EngineFigure => ({
  what,
  unit,
  value,
  basis: 'counted',
  where,
});
const measured = (what: string, unit: string, value: string, where: string): EngineFigure => ({
  what,
  unit,
  value,
  basis: 'measured',
  where,
});
const derived = (what: string, unit: string, value: string, where: string): EngineFigure => ({
  what,
  unit,
  value,
  basis: 'derived',
  where,
});
const assumed = (what: string, unit: string, value: string, where: string): EngineFigure => ({
  what,
  unit,
  value,
  basis: 'assumed',
  where,
});

/** All figures. */
export const engineFigures = {
  // The store.
  otherWritesPerRun: counted('Writes beside commits: watch, retention, tombstone, pruning', 'write units a run', '7', UNITS_TEST),
  writesPerCommit: counted('Writes of a commit: the commit, and its removal when the run is pruned', 'writes', '2', UNITS_TEST),
  writesPerTimer: derived('Writes of a timer beside its commit: put and removed', 'write units', '2', 'src/adapters/dynamodb'),
  writesPerRetry: derived(
    'Writes of an attempt after the first: its claim, and the removal of it',
    'write units',
    '2',
    'docs/engine.md, rule 12',
  ),
  readsPerRun: derived('Reads of a run that stays cached: once, for its archive', 'read units a run', '2', 'src/adapters/dynamodb'),
  timerReadsPerSecond: assumed(
    'Reads of the timers that come due',
    'read units a second',
    '2',
    `${SETTINGS}: every 30 s, eight buckets a minute`,
  ),
  commitBytes: assumed('A commit without its values', 'bytes', '500', 'one write unit at 200 bytes a value, as counted'),
  valuesPerCommit: derived('Values in a commit: a result and the next input', 'values', '2', 'src/protocol/events.ts'),
  deflatedShare: assumed('What compression leaves of a commit above one unit', 'share', '0.5', 'src/adapters/dynamodb/item-body.ts'),
  inlineLimitBytes: counted('A larger value goes to S3, and a link to it travels', 'bytes', '65536', 'src/protocol/limits.ts'),
  linkBytes: assumed('A link', 'bytes', '200', 'src/protocol/payload.ts'),
  tableDays: counted(
    'Days that a completed run is in the table: 24 h until its archive, 25 h until it is pruned',
    'days',
    '2.05',
    SETTINGS,
  ),
  // The bus.
  messagesPerStep: measured('Messages a step, start and end of the run among them', 'messages', '3.51', BUS_BENCH),
  bytesPerStep: measured('Bytes published a step', 'bytes', '2323', BUS_BENCH),
  measuredValueBytes: counted('Bytes of a value in that benchmark', 'bytes', '200', 'workflows/booking-sequential/app.ts'),
  valuesPerStep: derived(
    'Values of a step on the bus: in the attempt, in the result, both in history',
    'values',
    '4',
    'src/protocol/messages.ts',
  ),
  messagesPerTimer: derived('Messages of a timer, or of a repeated attempt', 'messages', '3', 'src/protocol/topics.ts'),
  bytesPerTimer: assumed('Bytes of those', 'bytes', '2000', 'as of a step'),
  keptBytesPerStep: assumed('Of history and usage, kept in S3, a step, without its values', 'bytes', '1000', 'two of four messages'),
  blockBytes: counted('A block of what is offloaded', 'bytes', '64000000', "Pulsar's default"),
  // The functions.
  engineMemoryMb: counted('Memory of decision, job-retry and timer functions', 'MB', '256', 'src/bundle'),
  decisionMs: measured('Billed time of a decision invocation, beside its runs', 'ms', '6', AWS_BENCH),
  decisionRunMs: measured('Billed time of each run decided in it', 'ms', '2.6', AWS_BENCH),
  smallFunctionMs: assumed('Billed time of a job-retry or timer invocation', 'ms', '5', 'as of a decision'),
  decisionRoundTripMs: assumed('A decision invocation as the connector sees it', 'ms', '20', 'billed time, network and queueing'),
  decisionsInFlight: counted('Decision invocations under way at once, a connector', 'invocations', '2', SETTINGS),
  functionBytesPerStep: measured('Bytes between connector and functions a step, both ways, at low load', 'bytes', '8746', AWS_BENCH),
  logBytes: assumed('What Lambda writes into the log by itself', 'bytes an invocation', '500', 'three lines: START, END, REPORT'),
  // The machines.
  connectorCpuMs: measured('CPU of the connector a step, slowest run', 'ms', '0.98', BUS_BENCH),
  awsCallsFactor: assumed('The same with calls to AWS over TLS instead of local functions', 'times', '2', 'to be measured on AWS'),
  brokerCpuMs: measured('CPU of broker and bookie in one process a step, slowest run', 'ms', '0.59', BUS_BENCH),
  entriesPerBrokerCpu: assumed(
    'Messages a second and processor of a broker',
    'messages/s',
    '1250',
    "Pulsar's own table: 10,000 on 8 processors",
  ),
  entriesPerBookieCpu: assumed(
    'Copies a second and processor of a bookie',
    'copies/s',
    '1875',
    "Pulsar's own table: 7,500 on 4 processors",
  ),
  bytesPerBrokerCpu: assumed('Bytes a second and processor of a broker', 'bytes/s', '12500000', "Pulsar's own table: 100 MB/s on 8"),
  bytesPerBookieCpu: assumed('Bytes a second and processor of a bookie', 'bytes/s', '18750000', "Pulsar's own table: 75 MB/s on 4"),
  busyShare: assumed('Share of a processor that is planned with; the rest is headroom', 'share', '0.6', 'a choice'),
  crossingShare: derived('Share of traffic between two machines that leaves the zone, of three', 'share', '0.6667', '2 of 3'),
  // What watches and guards it.
  metrics: derived(
    'Measurements of a platform, summed over its machines',
    'metrics',
    '30',
    'lib/settings/scraped-metrics.ts: 16, some of them by label',
  ),
  alarms: counted('Alarms, one of them of three measurements', 'alarms', '17', 'lib/stacks/observability-stack.ts'),
  keys: counted('Keys: of what is stored, of tenants, of alarms', 'keys', '3', 'lib/stacks'),
  backupsKept: counted('Nightly backups that are kept', 'backups', '7', 'lib/constructs/backup.ts'),
  snapshotShare: assumed('Share of a volume that its snapshots take together', 'share', '0.5', 'blocks in use, and their changes'),
  secrets: counted('Secrets: authority, certificate, tokens, token of connectors', 'secrets', '4', 'lib/constructs/machine-secrets.ts'),
  kmsRequestsPerMachine: assumed('Calls of KMS, a machine: one in five minutes', 'requests a month', '8760', 'data keys are kept'),
} as const satisfies Readonly<Record<string, EngineFigure>>;

/** Name of a figure. */
export type FigureName = keyof typeof engineFigures;
