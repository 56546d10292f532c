// The place for what AWS bills: exports, a budget, and a watch on what is unusual.
import { describe, expect, it } from 'vitest';
import type { SettingsInput } from '../../lib/settings/settings.ts';
import { CostStack } from '../../lib/stacks/cost-stack.ts';
import { readParts, readProperty, synthesizeStacks } from '../support/infra/synthesize-stacks.ts';

const synthesize = (input: SettingsInput) =>
  synthesizeStacks(input, (app, settings) => new CostStack(app, 'cost', { env: { region: settings.region }, settings }));

const full = synthesize({ region: 'eu-west-1', alarms: { email: 'platform@example.org' }, cost: { monthlyBudget: 500 } });
const silent = synthesize({});

describe('the exports of the bill', () => {
  const exports = full.list('AWS::BCMDataExports::Export');

  it('are the Cost and Usage Report 2.0 and FOCUS, by hour, as Parquet', () => {
    const queries = exports.map((made) => String(readProperty(made, 'Export.DataQuery.QueryStatement')));
    expect(new Set(queries.map((query) => query.split(' ').at(-1)))).toEqual(new Set(['COST_AND_USAGE_REPORT', 'FOCUS_1_2_AWS']));
    for (const made of exports) {
      expect(JSON.stringify(readProperty(made, 'Export.DataQuery.TableConfigurations'))).toContain('"TIME_GRANULARITY":"HOURLY"');
      expect(readProperty(made, 'Export.DestinationConfigurations.S3Destination.S3OutputConfigurations.Format')).toBe('PARQUET');
    }
  });

  it('name the resource, so that a function finds its own line', () => {
    expect(full.text).toContain('line_item_resource_id');
    expect(full.text).toContain('ResourceId');
  });

  it('go to a bucket that billing may write to for this account only, and that stays', () => {
    const [bucket] = full.list('AWS::S3::Bucket');
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', Properties: { VersioningConfiguration: { Status: 'Enabled' } } });
    const [policy] = full.list('AWS::S3::BucketPolicy');
    const statements = JSON.stringify(readProperty(policy, 'PolicyDocument.Statement'));
    expect(statements).toContain('bcm-data-exports.amazonaws.com');
    expect(statements).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
    expect(statements).toContain('"aws:SecureTransport":"false"');
  });
});

describe('the budget', () => {
  it('is of what carries the tag of the platform, and tells at 80 %, at 100 %, and when it will be reached', () => {
    const [budget] = full.list('AWS::Budgets::Budget');
    expect(budget?.Properties).toMatchObject({
      Budget: { BudgetLimit: { Amount: 500, Unit: 'USD' }, CostFilters: { TagKeyValue: ['user:starquake$starquake'] } },
    });
    const told = readParts(budget, 'NotificationsWithSubscribers').map(({ Notification }) => Notification);
    expect(told).toMatchObject([
      { NotificationType: 'ACTUAL', Threshold: 80 },
      { NotificationType: 'ACTUAL', Threshold: 100 },
      { NotificationType: 'FORECASTED', Threshold: 100 },
    ]);
  });

  it('is not there when nobody said how much', () => {
    expect(silent.list('AWS::Budgets::Budget')).toEqual([]);
  });
});

describe('the watch on anomalies', () => {
  it('tells by mail, and says where to read what to do', () => {
    const [subscription] = full.list('AWS::CE::AnomalySubscription');
    expect(subscription?.Properties).toMatchObject({
      SubscriptionName: 'starquake: see docs/runbook.md#cost-anomaly',
      Subscribers: [{ Type: 'EMAIL', Address: 'platform@example.org' }],
    });
  });

  it('has a monitor also when there is nobody to tell', () => {
    expect(silent.list('AWS::CE::AnomalyMonitor')).toHaveLength(1);
    expect(silent.list('AWS::CE::AnomalySubscription')).toEqual([]);
  });
});

it('the stack is where AWS bills, wherever the platform is', () => {
  expect(full.text).toContain('-us-east-1');
  expect(full.text).not.toContain('eu-west-1');
});
