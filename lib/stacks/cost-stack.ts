// A place for what AWS bills: exports of the bill, a budget, and a watch on what is unusual.
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { CostExports } from '../constructs/cost-exports.ts';
import { CostWatch } from '../constructs/cost-watch.ts';
import { nameBucket } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** What it is made from. */
export interface CostStackProps extends StackProps {
  readonly settings: Settings;
}

/** Billing speaks in this region only, for all regions. */
const BILLING_REGION = 'us-east-1';
const REPLACED_DAYS = 35;

/**
 * The costs of a platform. It is always in us-east-1, where AWS makes its bills, wherever the platform is.
 *
 * @example
 * new CostStack(app, 'starquake-cost', { settings });
 */
export class CostStack extends Stack {
  /** Exports: `cur-2/` and `focus-1-2/`. */
  readonly exports: Bucket;

  constructor(scope: Construct, id: string, { settings, ...props }: CostStackProps) {
    super(scope, id, { description: `Costs of ${settings.name}`, ...props, env: { ...props.env, region: BILLING_REGION } });
    this.exports = new Bucket(this, 'Exports', {
      bucketName: nameBucket({ name: settings.name, region: BILLING_REGION }, 'cost'),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      lifecycleRules: [{ id: 'replaced', noncurrentVersionExpiration: Duration.days(REPLACED_DAYS) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.exports, [
      ['AwsSolutions-S1', 'Copies of the bill, which billing keeps: who reads them is in the trail of the account'],
      ['NIST.800.53.R5-S3BucketLoggingEnabled', 'Copies of the bill, which billing keeps: who reads them is in the trail of the account'],
      ['NIST.800.53.R5-S3BucketReplicationEnabled', 'Copies of the bill, which billing keeps and exports anew'],
      ['NIST.800.53.R5-S3DefaultEncryptionKMS', 'Data Exports delivers to buckets that S3 encrypts with its own key'],
    ]);
    new CostExports(this, 'Bill', { name: settings.name, bucket: this.exports });
    new CostWatch(this, 'Watch', settings);
    new CfnOutput(this, 'ExportsBucket', { value: this.exports.bucketName });
  }
}
