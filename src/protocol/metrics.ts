// The one list of what the engine measures of itself: names, units and labels, as dashboards and alarms know them.

/** How a metric is kept: a sum, a spread, or what it is when somebody looks. */
export type MetricKind = 'counter' | 'histogram' | 'gauge';

/** What is said of a metric. */
export interface MetricDefinition {
  readonly kind: MetricKind;
  /** Unit in the notation of OpenTelemetry (UCUM); left out for plain numbers. */
  readonly unit?: string;
  readonly what: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
const RUNS = [1, 2, 5, 10, 20, 50, 100];

/** All metrics. Prometheus shows a counter with `_total` behind its name. */
export const metrics = {
  starquake_messages_read: { kind: 'counter', what: 'Messages read from the bus.', labels: ['topic', 'redelivered'] },
  starquake_messages_published: { kind: 'counter', what: 'Messages published.', labels: ['topic', 'again'] },
  starquake_commits: { kind: 'counter', what: 'Appends to histories; a conflict is a lost race.', labels: ['outcome'] },
  starquake_claims: { kind: 'counter', what: 'Claims of attempts that may be copies.', labels: ['outcome'] },
  starquake_run_ends: { kind: 'counter', what: 'Runs that ended, or were blocked.', labels: ['app', 'workflow', 'status'] },
  starquake_blocked_runs: { kind: 'counter', what: 'Runs that were blocked, of all apps; there from the start, as 0.', labels: [] },
  starquake_dead_letters: { kind: 'counter', what: 'Messages that could not be parsed.', labels: [] },
  starquake_invocation_seconds: {
    kind: 'histogram',
    unit: 's',
    what: 'Invocations of functions, as the connector waits for them.',
    labels: ['function', 'outcome'],
    buckets: SECONDS,
  },
  starquake_decision_batch: { kind: 'histogram', what: 'Runs that one decision invocation serves.', labels: [], buckets: RUNS },
  starquake_timer_lateness_seconds: {
    kind: 'histogram',
    unit: 's',
    what: 'How late what was due is published.',
    labels: [],
    buckets: SECONDS,
  },
  starquake_store_call_seconds: {
    kind: 'histogram',
    unit: 's',
    what: 'Calls to the stores.',
    labels: ['operation', 'outcome'],
    buckets: SECONDS,
  },
  starquake_store_units: { kind: 'counter', what: 'Capacity units that stores used.', labels: ['operation', 'direction'] },
  starquake_list_cost_dollars: {
    kind: 'counter',
    unit: '{USD}',
    what: 'Invocations at list price, in US dollars.',
    labels: ['kind', 'app'],
  },
  starquake_troubles: { kind: 'counter', what: 'What went wrong and was dealt with.', labels: ['code'] },
  starquake_open_messages: { kind: 'gauge', what: 'Messages of inbox in hand.', labels: [] },
  starquake_owned_partitions: { kind: 'gauge', what: 'Partitions of inbox owned here.', labels: [] },
  starquake_cached_runs: { kind: 'gauge', what: 'Copies of runs kept here.', labels: [] },
  starquake_attempts_in_flight: { kind: 'gauge', what: 'Attempts being run.', labels: [] },
  starquake_attempts_waiting: { kind: 'gauge', what: 'Attempts that back-pressure holds back.', labels: [] },
  starquake_memory_short: { kind: 'gauge', what: '1 while attempts run one at a time for want of memory, else 0.', labels: [] },
} as const satisfies Record<`starquake_${string}`, MetricDefinition>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;

type NamesOf<K extends MetricKind> = { [N in MetricName]: (typeof metrics)[N]['kind'] extends K ? N : never }[MetricName];

export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;
export type GaugeName = NamesOf<'gauge'>;
