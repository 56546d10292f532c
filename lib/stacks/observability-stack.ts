// Who watches: alarms that name their section of the runbook, somebody to tell, and a dashboard.
import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, AnomalyDetectionAlarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { describeThreshold, listAlarms, type AlarmSubjects } from '../constructs/alarm-list.ts';
import type { StatePlace } from '../constructs/machine-places.ts';
import { PlatformDashboard } from '../constructs/platform-dashboard.ts';
import { findScraped } from '../constructs/platform-metrics.ts';
import { listSources } from '../settings/scraped-metrics.ts';
import type { Settings } from '../settings/settings.ts';

/** What it is made from. */
export interface ObservabilityStackProps extends StackProps {
  readonly settings: Settings;
  readonly state: Pick<StatePlace, 'runs' | 'timers'>;
  readonly engine: { readonly timerFunction: IFunction };
}

/** So many standard deviations from what is usual: twice as many as CloudWatch takes by itself. */
const COST_DEVIATIONS = 4;
/** The one alarm that learns by itself what is usual. */
export const COST_ANOMALY = 'cost-anomaly';

/**
 * The alarms and the dashboard of a platform.
 *
 * @example
 * new ObservabilityStack(app, 'starquake-observability', { env: { region: settings.region }, settings, state, engine });
 */
export class ObservabilityStack extends Stack {
  /** Where alarms tell. */
  readonly topic: Topic;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { settings, state, engine, ...props }: ObservabilityStackProps) {
    super(scope, id, { description: `Alarms of ${settings.name}`, ...props });
    this.topic = this.#createTopic(settings);
    const subjects: AlarmSubjects = { tables: [state.runs, state.timers], timerFunction: engine.timerFunction };
    const tell = new SnsAction(this.topic);
    this.alarms = [...this.#createAlarms(settings, subjects), ...this.#createCostAlarms(settings)];
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(tell);
      alarm.addOkAction(tell);
    }
    new PlatformDashboard(this, 'Platform', { settings, subjects, alarms: this.alarms });
  }

  #createTopic({ name, alarms }: Settings): Topic {
    const key = new Key(this, 'AlarmKey', {
      alias: `${name}-alarms`,
      description: 'Encrypts what alarms tell',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    key.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const topic = new Topic(this, 'Alarms', { topicName: `${name}-alarms`, masterKey: key, enforceSSL: true });
    // A policy that refuses what is not TLS stands in the place of the one that would let alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (alarms.email !== undefined) topic.addSubscription(new EmailSubscription(alarms.email));
    return topic;
  }

  #createAlarms(settings: Settings, subjects: AlarmSubjects): readonly Alarm[] {
    return listAlarms(settings, subjects).map((definition) => {
      const { id, what, metric } = definition;
      return new Alarm(this, id, {
        alarmName: `${settings.name}-${id}`,
        alarmDescription: describe(settings, id, what),
        metric,
        ...describeThreshold(definition),
      });
    });
  }

  /** There is no figure that is too much for everybody: what is unusual is. */
  #createCostAlarms(settings: Settings): readonly Alarm[] {
    if (listSources(settings.size).length === 0) return [];
    const alarm = new AnomalyDetectionAlarm(this, COST_ANOMALY, {
      alarmName: `${settings.name}-${COST_ANOMALY}`,
      alarmDescription: describe(settings, COST_ANOMALY, 'Invocations cost far more than they use to at this time of the day'),
      metric: findScraped(settings, 'listCost', { statistic: 'sum', minutes: 60 }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
      stdDevs: COST_DEVIATIONS,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    return [alarm];
  }
}

const describe = ({ alarms }: Settings, id: string, what: string): string => `${what}. What to do: ${alarms.runbook}#${id}`;
