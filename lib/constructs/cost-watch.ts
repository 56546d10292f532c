// Tells by mail when the account costs more than it may, or more than it used to.
import { Construct } from 'constructs';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce';
import type { Settings } from '../settings/settings.ts';

/** Every resource of a platform carries this tag, with the platform's name; it has to be activated once as a tag of cost allocation. */
const COST_TAG = 'starquake';
/** US dollars above what was expected, from which on somebody is told. */
const LEAST_IMPACT = '20';

/** A budget, and a monitor of what is unusual: both of what carries the platform's tag. */
export class CostWatch extends Construct {
  constructor(scope: Construct, id: string, settings: Pick<Settings, 'name' | 'alarms' | 'cost'>) {
    super(scope, id);
    const { name, alarms, cost } = settings;
    if (cost.monthlyBudget !== undefined) this.#addBudget(name, cost.monthlyBudget, alarms.email);
    const monitor = new CfnAnomalyMonitor(this, 'Monitor', {
      monitorName: name,
      monitorType: 'CUSTOM',
      monitorSpecification: JSON.stringify({ Tags: { Key: COST_TAG, Values: [name] } }),
    });
    if (alarms.email === undefined) return;
    new CfnAnomalySubscription(this, 'Subscription', {
      // Its name is all that a mail says of it.
      subscriptionName: `${name}: see ${alarms.runbook}#cost-anomaly`,
      frequency: 'DAILY',
      monitorArnList: [monitor.attrMonitorArn],
      subscribers: [{ type: 'EMAIL', address: alarms.email }],
      thresholdExpression: JSON.stringify({
        Dimensions: { Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE', MatchOptions: ['GREATER_THAN_OR_EQUAL'], Values: [LEAST_IMPACT] },
      }),
    });
  }

  #addBudget(name: string, amount: number, email: string | undefined): void {
    const tell = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers: email === undefined ? [] : [{ subscriptionType: 'EMAIL', address: email }],
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: name,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:${COST_TAG}$${name}`] },
      },
      // A notification without anybody to tell is refused.
      ...(email !== undefined && { notificationsWithSubscribers: [tell('ACTUAL', 80), tell('ACTUAL', 100), tell('FORECASTED', 100)] }),
    });
  }
}
