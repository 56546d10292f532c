// What AWS bills, by hour and resource, as files: what the engine's own ledger is held against.
import { Stack } from 'aws-cdk-lib';
import { CfnExport } from 'aws-cdk-lib/aws-bcmdataexports';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Where exports go. */
export interface CostExportsProps {
  /** Of the platform. */
  readonly name: string;
  readonly bucket: Bucket;
}

/** Cost and Usage Report 2.0: what a bill is reconciled by. */
const usageColumns = [
  'identity_line_item_id',
  'identity_time_interval',
  'bill_billing_period_start_date',
  'bill_payer_account_id',
  'line_item_usage_account_id',
  'line_item_line_item_type',
  'line_item_usage_start_date',
  'line_item_usage_end_date',
  'line_item_product_code',
  'line_item_usage_type',
  'line_item_operation',
  'line_item_resource_id',
  'line_item_usage_amount',
  'line_item_currency_code',
  'line_item_unblended_rate',
  'line_item_unblended_cost',
  'pricing_public_on_demand_cost',
  'pricing_unit',
  'discount',
  'resource_tags',
];

/** FOCUS 1.2: what finance reads, of all providers alike. */
const focusColumns = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'ResourceId',
  'ServiceCategory',
  'ServiceName',
  'SkuId',
  'SubAccountId',
  'Tags',
];

const tables = {
  'cur-2': { table: 'COST_AND_USAGE_REPORT', columns: usageColumns, settings: { TIME_GRANULARITY: 'HOURLY', INCLUDE_RESOURCES: 'TRUE' } },
  'focus-1-2': { table: 'FOCUS_1_2_AWS', columns: focusColumns, settings: { TIME_GRANULARITY: 'HOURLY' } },
} as const;

/** Exports of the bill, as Parquet: below `cur-2/` and `focus-1-2/` of the bucket. */
export class CostExports extends Construct {
  constructor(scope: Construct, id: string, { name, bucket }: CostExportsProps) {
    super(scope, id);
    letDeliver(bucket);
    for (const [prefix, { table, columns, settings }] of Object.entries(tables)) {
      const made = new CfnExport(this, prefix, {
        export: {
          name: `${name}-${prefix}`,
          description: `What ${name} and all else of this account costs, by hour`,
          dataQuery: {
            queryStatement: `SELECT ${columns.join(', ')} FROM ${table}`,
            tableConfigurations: { [table]: { ...settings } },
          },
          destinationConfigurations: {
            s3Destination: {
              s3Bucket: bucket.bucketName,
              s3Prefix: prefix,
              s3Region: Stack.of(this).region,
              s3OutputConfigurations: { outputType: 'CUSTOM', format: 'PARQUET', compression: 'PARQUET', overwrite: 'OVERWRITE_REPORT' },
            },
          },
          refreshCadence: { frequency: 'SYNCHRONOUS' },
        },
      });
      if (bucket.policy) made.node.addDependency(bucket.policy);
    }
  }
}

/** Billing writes for this account only. */
const letDeliver = (bucket: Bucket): void => {
  const { account, partition } = Stack.of(bucket);
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: ['bcm-data-exports', 'billingreports'].map((service) => new ServicePrincipal(`${service}.amazonaws.com`)),
      actions: ['s3:PutObject', 's3:GetBucketPolicy'],
      resources: [bucket.bucketArn, bucket.arnForObjects('*')],
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: {
          'aws:SourceArn': [
            `arn:${partition}:cur:us-east-1:${account}:definition/*`,
            `arn:${partition}:bcm-data-exports:us-east-1:${account}:export/*`,
          ],
        },
      },
    }),
  );
};
