// All alarms of a platform, as a list: what each looks at, from where on it calls, and the section of the runbook that says what to do.
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { listSources, type ScrapedMetricName } from '../settings/scraped-metrics.ts';
import type { Settings } from '../settings/settings.ts';
import { findAws, findScraped, type MetricView } from './platform-metrics.ts';

/** One alarm. */
export interface AlarmDefinition {
  /** Names the alarm, behind the platform's name, and its section of the runbook. */
  readonly id: string;
  /** What it means, in one sentence. */
  readonly what: string;
  readonly metric: IMetric;
  /** Calls when the figure is `above` or `below` it. */
  readonly above?: number;
  readonly below?: number;
  /** Of so many periods ... */
  readonly periods: number;
  /** ... so many are beyond it; all of them unless given. */
  readonly datapoints?: number;
  /** Silence is as bad as the worst figure. */
  readonly silenceCalls?: boolean;
}

/** What alarms look at beside the measurements of machines. */
export interface AlarmSubjects {
  readonly tables: readonly ITableV2[];
  readonly timerFunction: IFunction;
}

const GIB = 1024 ** 3;

type Find = (name: ScrapedMetricName, view: MetricView) => IMetric;

const addUp = (metrics: readonly IMetric[], minutes: number): MathExpression => {
  const named = metrics.map((metric, at) => [`m${at}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period: Duration.minutes(minutes),
  });
};

/** What runs come to. */
const listRunAlarms = (find: Find): readonly AlarmDefinition[] => [
  {
    id: 'backlog-age',
    what: 'Messages have been waiting for five minutes at a topic that is read at once',
    metric: find('backlogAge', { statistic: 'maximum', minutes: 1 }),
    above: 300,
    periods: 5,
  },
  {
    id: 'blocked-runs',
    what: 'Runs are blocked: their code and their history disagree, or their decision cannot be computed',
    metric: find('blockedRuns', { statistic: 'sum', minutes: 15 }),
    above: 0,
    periods: 1,
  },
  {
    id: 'dead-letters',
    what: 'A message could not be parsed by anybody, and was put aside',
    metric: find('deadLetters', { statistic: 'sum', minutes: 5 }),
    above: 0,
    periods: 1,
  },
  {
    id: 'error-rate',
    what: 'More than 5 % of the runs that end, 20 or more in a quarter of an hour, fail',
    metric: new MathExpression({
      expression: 'IF(FILL(failed, 0) + FILL(completed, 0) >= 20, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(completed, 0)), 0)',
      usingMetrics: {
        failed: find('runEnds', { statistic: 'sum', minutes: 15, labels: { status: 'failed' } }),
        completed: find('runEnds', { statistic: 'sum', minutes: 15, labels: { status: 'completed' } }),
      },
      period: Duration.minutes(15),
    }),
    above: 5,
    periods: 2,
  },
  {
    id: 'no-connector',
    what: 'No connector owns a partition of inbox, or none tells of itself: no run moves',
    metric: find('ownedPartitions', { statistic: 'maximum', minutes: 1 }),
    below: 1,
    periods: 5,
    silenceCalls: true,
  },
  {
    id: 'upgrade-needed',
    what: 'A connector met a message or an event of a newer release, and gave its partitions up',
    metric: find('troubles', { statistic: 'sum', minutes: 5, labels: { code: 'UPGRADE_ME' } }),
    above: 0,
    periods: 1,
  },
];

/** What AWS gives and takes. */
const listAwsAlarms = ({ tables, timerFunction }: AlarmSubjects): readonly AlarmDefinition[] => [
  {
    id: 'throttled-functions',
    what: 'Lambda refuses invocations: the concurrency of the account, which all its functions share, is used up',
    metric: findAws('AWS/Lambda', 'Throttles', {}, { statistic: 'sum', minutes: 5 }),
    above: 100,
    periods: 3,
  },
  {
    id: 'throttled-tables',
    what: 'DynamoDB refuses reads or writes of a table of the engine',
    metric: addUp(
      tables.flatMap(({ tableName }) =>
        ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
          findAws('AWS/DynamoDB', name, { TableName: tableName }, { statistic: 'sum', minutes: 5 }),
        ),
      ),
      5,
    ),
    above: 10,
    periods: 3,
    datapoints: 2,
  },
  {
    id: 'timer-errors',
    what: 'The timer function fails: what is due does not become messages',
    metric: findAws('AWS/Lambda', 'Errors', { FunctionName: timerFunction.functionName }, { statistic: 'sum', minutes: 5 }),
    above: 0,
    periods: 2,
  },
];

/** What Pulsar and its machines come to. */
const listPulsarAlarms = (find: Find, { offloadAfterGib }: Settings): readonly AlarmDefinition[] => [
  {
    id: 'under-replicated-ledgers',
    what: 'Ledgers have had too few copies for more than half an hour, and nothing has made them again',
    metric: find('underReplicated', { statistic: 'maximum', minutes: 15 }),
    above: 0,
    periods: 2,
  },
  {
    id: 'bookie-read-only',
    what: 'A bookie takes no more entries, mostly because its disk is full',
    metric: find('bookieWritable', { statistic: 'minimum', minutes: 1 }),
    below: 1,
    periods: 5,
  },
  {
    id: 'disk',
    what: 'A disk of a machine is used to more than 80 %',
    metric: find('diskUsed', { statistic: 'maximum', minutes: 5 }),
    above: 80,
    periods: 3,
  },
  {
    id: 'offload-lag',
    what: 'Closed ledgers of history and usage stay on the bookies instead of going to S3',
    metric: new MathExpression({
      expression: 'stored - offloaded',
      usingMetrics: {
        stored: find('storedBytes', { statistic: 'average', minutes: 15 }),
        offloaded: find('offloadedBytes', { statistic: 'average', minutes: 15 }),
      },
      period: Duration.minutes(15),
    }),
    // An open ledger of up to 2 GiB is no lag, and ledgers are closed every four hours at most.
    above: (2 * offloadAfterGib + 4) * GIB,
    periods: 4,
  },
  {
    id: 'zookeeper-slow',
    what: 'ZooKeeper answers slower than it is asked',
    metric: find('zookeeperQueue', { statistic: 'maximum', minutes: 1 }),
    above: 100,
    periods: 5,
  },
];

/** The alarms that a size has: one about machines that tell nothing would be silent, or never be. */
export const listAlarms = (settings: Settings, subjects: AlarmSubjects): readonly AlarmDefinition[] => {
  const find: Find = (name, view) => findScraped(settings, name, view);
  const ofMachines = listSources(settings.size).length === 0 ? [] : [...listRunAlarms(find), ...listPulsarAlarms(find, settings)];
  return [...ofMachines, ...listAwsAlarms(subjects)];
};

/** What alarms are made with, of a definition. */
export const describeThreshold = ({ above, below, periods, datapoints, silenceCalls = false }: AlarmDefinition) => ({
  threshold: above ?? below ?? 0,
  comparisonOperator: above === undefined ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_THRESHOLD,
  evaluationPeriods: periods,
  datapointsToAlarm: datapoints ?? periods,
  treatMissingData: silenceCalls ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
});
