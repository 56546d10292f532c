// One page of graphs for who is called: runs, the bus, AWS and the machines, in the order in which one looks.
import { Tags } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, TextWidget, AlarmStatusWidget, type Alarm, type IMetric, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { listSources, platformMetrics, type ScrapedMetricName } from '../settings/scraped-metrics.ts';
import type { Settings } from '../settings/settings.ts';
import { findAws, findScraped, type MetricView } from './platform-metrics.ts';
import type { AlarmSubjects } from './alarm-list.ts';

/** What it shows. */
export interface PlatformDashboardProps {
  readonly settings: Settings;
  readonly subjects: AlarmSubjects;
  readonly alarms: readonly Alarm[];
}

/** After whatever adds them. */
const TAGS_LAST = 1000;

const sum: MetricView = { statistic: 'sum', minutes: 1 };
const most: MetricView = { statistic: 'maximum', minutes: 1 };

type Find = (name: ScrapedMetricName, view: MetricView) => readonly IMetric[];

const draw = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): IWidget =>
  new GraphWidget({ title, width: 8, left: [...left], ...(right.length > 0 && { right: [...right] }) });

const drawRuns = (find: Find): readonly IWidget[] => [
  draw('Runs that end, a minute', [
    ...['completed', 'failed', 'canceled'].flatMap((status) => find('runEnds', { ...sum, labels: { status }, label: status })),
    ...find('blockedRuns', { ...sum, label: 'blocked' }),
  ]),
  draw('Waiting longest at a topic that is read at once, s', find('backlogAge', most)),
  draw('Messages in hand and attempts', [
    ...find('openMessages', { ...most, label: 'open messages' }),
    ...find('attemptsInFlight', { ...most, label: 'attempts in flight' }),
    ...find('attemptsWaiting', { ...most, label: 'attempts waiting' }),
  ]),
  draw(
    'Commits, a minute',
    ['appended', 'conflict'].flatMap((outcome) => find('commits', { ...sum, labels: { outcome }, label: outcome })),
  ),
  draw('Invocations at list price, US dollars a minute', find('listCost', sum)),
  draw('Partitions of inbox owned by one connector, most', find('ownedPartitions', most)),
];

const drawAws = ({ tables, timerFunction: { functionName } }: AlarmSubjects): readonly IWidget[] => [
  draw(
    'Lambda: concurrency of the account',
    [findAws('AWS/Lambda', 'ConcurrentExecutions', {}, { ...most, label: 'at once' })],
    [findAws('AWS/Lambda', 'Throttles', {}, { ...sum, label: 'throttled' })],
  ),
  draw(
    'Timer function',
    ['Invocations', 'Errors', 'Throttles'].map((name) =>
      findAws('AWS/Lambda', name, { FunctionName: functionName }, { ...sum, label: name.toLowerCase() }),
    ),
  ),
  draw(
    'DynamoDB: write units, a minute',
    tables.map(({ tableName }) => findAws('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', { TableName: tableName }, sum)),
  ),
];

const drawMachines = (find: Find): readonly IWidget[] => [
  draw('Disk used most, %', find('diskUsed', most)),
  draw('history and usage: bytes of a partition, average', [
    ...find('storedBytes', { statistic: 'average', minutes: 5, label: 'stored' }),
    ...find('offloadedBytes', { statistic: 'average', minutes: 5, label: 'offloaded' }),
  ]),
  draw('Ledgers with too few copies; requests waiting at ZooKeeper', [
    ...find('underReplicated', { ...most, label: 'ledgers' }),
    ...find('zookeeperQueue', { ...most, label: 'requests' }),
  ]),
];

/** The dashboard `<name>`; what a size does not measure it does not draw. */
export class PlatformDashboard extends Construct {
  constructor(scope: Construct, id: string, { settings, subjects, alarms }: PlatformDashboardProps) {
    super(scope, id);
    const sources = listSources(settings.size);
    const find: Find = (name, view) => (sources.includes(platformMetrics[name].source) ? [findScraped(settings, name, view)] : []);
    const measured = sources.length > 0;
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: settings.name });
    // CloudFormation's own description of a dashboard knows no tags.
    Tags.of(dashboard).remove('starquake', { priority: TAGS_LAST });
    dashboard.addWidgets(
      new TextWidget({ markdown: `# ${settings.name}\nWhat to do when an alarm calls: ${settings.alarms.runbook}`, width: 24, height: 2 }),
    );
    dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...alarms] }));
    if (measured) dashboard.addWidgets(...drawRuns(find));
    dashboard.addWidgets(...drawAws(subjects));
    if (measured) dashboard.addWidgets(...drawMachines(find));
  }
}
