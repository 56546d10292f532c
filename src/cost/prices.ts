// The one table of prices: what AWS lists for us-east-1, with where it was read and of what day that source is.

/** A place where prices were read. */
export interface PriceSource {
  readonly url: string;
  /** Day that the source is of; absent where it does not tell. */
  readonly of?: string;
  /** Day that it was read. */
  readonly read: string;
  /** Whether the figure stood on AWS's own page or list, or others quote it; `known` is general knowledge, read nowhere. */
  readonly trust: 'own' | 'quoted' | 'known';
}

const sources = {
  lambda: { url: 'https://aws.amazon.com/lambda/pricing/', of: '2026-06-18', read: '2026-11-22', trust: 'own' },
  durable: { url: 'https://aws.amazon.com/lambda/pricing/', of: '2026-09-20', read: '2026-11-22', trust: 'quoted' },
  dynamodb: { url: 'https://aws.amazon.com/dynamodb/pricing/on-demand/', of: '2026-08-20', read: '2026-11-22', trust: 'quoted' },
  backup: { url: 'https://aws.amazon.com/dynamodb/pricing/on-demand/', of: '2026-06-13', read: '2026-11-23', trust: 'quoted' },
  s3: { url: 'https://aws.amazon.com/s3/pricing/', of: '2026-03-01', read: '2026-11-22', trust: 'quoted' },
  ebs: { url: 'https://aws.amazon.com/ebs/pricing/', of: '2026-08-20', read: '2026-11-22', trust: 'quoted' },
  snapshot: { url: 'https://aws.amazon.com/ebs/pricing/', read: '2026-11-23', trust: 'known' },
  ec2: {
    url: 'https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81a9df9301e613f371dac5b4d16bfe/pkg/providers/pricing/zz_generated.pricing_aws.go',
    of: '2026-07-20',
    read: '2026-11-23',
    trust: 'own',
  },
  transfer: { url: 'https://aws.amazon.com/ec2/pricing/on-demand/', read: '2026-11-23', trust: 'quoted' },
  endpoint: { url: 'https://aws.amazon.com/privatelink/pricing/', of: '2026-05-01', read: '2026-11-23', trust: 'quoted' },
  cloudwatch: { url: 'https://aws.amazon.com/cloudwatch/pricing/', of: '2026-05-05', read: '2026-11-23', trust: 'quoted' },
  logs: {
    url: 'https://aws.amazon.com/blogs/compute/aws-lambda-introduces-tiered-pricing-for-amazon-cloudwatch-logs-and-additional-logging-destinations/',
    of: '2025-05-01',
    read: '2026-11-22',
    trust: 'own',
  },
  kms: { url: 'https://aws.amazon.com/kms/pricing/', of: '2026-06-01', read: '2026-11-23', trust: 'quoted' },
  secrets: { url: 'https://aws.amazon.com/secrets-manager/pricing/', read: '2026-11-23', trust: 'quoted' },
  route53: { url: 'https://aws.amazon.com/route53/pricing/', read: '2026-11-23', trust: 'known' },
  states: { url: 'https://aws.amazon.com/step-functions/pricing/', read: '2026-11-23', trust: 'own' },
} as const satisfies Readonly<Record<string, PriceSource>>;

/** One price. */
export interface Price {
  readonly what: string;
  readonly unit: string;
  /** US dollars for one unit. */
  readonly usd: string;
  /** Units a month from which on this price holds, where there are tiers. */
  readonly from?: string;
  readonly source: PriceSource;
}

const price = (what: string, unit: string, usd: string, source: PriceSource): Price => ({ what, unit, usd, source });
const tier = (what: string, unit: string, usd: string, from: string, source: PriceSource): Price => ({ what, unit, usd, from, source });
const instance = (type: string, usd: string): Price => price(`EC2 ${type}, Linux, on demand`, 'hour', usd, sources.ec2);

/** All prices, us-east-1, on demand, in US dollars. */
export const prices = {
  'lambda.request': price('Lambda invocation', 'request', '0.0000002', sources.lambda),
  'lambda.time': price('Lambda time, arm64', 'GB-second', '0.0000133334', sources.lambda),
  'lambda.time.2': tier('Lambda time, arm64, second tier', 'GB-second', '0.0000120001', '7500000000', sources.lambda),
  'lambda.time.3': tier('Lambda time, arm64, third tier', 'GB-second', '0.0000106667', '18750000000', sources.lambda),
  'dynamodb.write': price('DynamoDB write request unit', 'unit', '0.000000625', sources.dynamodb),
  'dynamodb.read': price('DynamoDB read request unit', 'unit', '0.000000125', sources.dynamodb),
  'dynamodb.storage': price('DynamoDB storage', 'GB-month', '0.25', sources.dynamodb),
  'dynamodb.backup': price('DynamoDB point-in-time recovery', 'GB-month', '0.20', sources.backup),
  'dynamodb.nightly': price('DynamoDB backup', 'GB-month', '0.10', sources.backup),
  's3.put': price('S3 PUT, standard', 'request', '0.000005', sources.s3),
  's3.get': price('S3 GET, standard', 'request', '0.0000004', sources.s3),
  's3.storage': price('S3 storage, standard, first 50 TB', 'GB-month', '0.023', sources.s3),
  'ebs.gp3': price('EBS gp3, 3,000 IOPS and 125 MB/s included', 'GB-month', '0.08', sources.ebs),
  'ebs.snapshot': price('EBS snapshot', 'GB-month', '0.05', sources.snapshot),
  'ec2.t4g.medium': instance('t4g.medium', '0.0336'),
  'ec2.t4g.large': instance('t4g.large', '0.0672'),
  'ec2.m7g.large': instance('m7g.large', '0.0816'),
  'ec2.c7g.large': instance('c7g.large', '0.0725'),
  'ec2.im4gn.large': instance('im4gn.large', '0.1819'),
  'transfer.zone': price('Transfer between zones, billed 0.01 on each side', 'GB', '0.02', sources.transfer),
  'endpoint.hour': price('Interface endpoint', 'zone-hour', '0.01', sources.endpoint),
  'endpoint.data': price('Interface endpoint, data, first PB', 'GB', '0.01', sources.endpoint),
  'cloudwatch.metric': price('CloudWatch custom metric, first 10,000', 'metric-month', '0.30', sources.cloudwatch),
  'cloudwatch.request': price('CloudWatch request', 'request', '0.00001', sources.cloudwatch),
  'cloudwatch.alarm': price('CloudWatch alarm, standard resolution', 'alarm-month', '0.10', sources.cloudwatch),
  'cloudwatch.dashboard': price('CloudWatch dashboard', 'dashboard-month', '3.00', sources.cloudwatch),
  'logs.ingest': price('CloudWatch Logs, from Lambda', 'GB', '0.50', sources.logs),
  'logs.ingest.2': tier('CloudWatch Logs, from Lambda, second tier', 'GB', '0.25', '10000', sources.logs),
  'logs.ingest.3': tier('CloudWatch Logs, from Lambda, third tier', 'GB', '0.10', '30000', sources.logs),
  'logs.ingest.4': tier('CloudWatch Logs, from Lambda, fourth tier', 'GB', '0.05', '50000', sources.logs),
  'logs.storage': price('CloudWatch Logs, kept', 'GB-month', '0.03', sources.cloudwatch),
  'kms.key': price('KMS key', 'key-month', '1.00', sources.kms),
  'kms.request': price('KMS request', 'request', '0.000003', sources.kms),
  'secrets.secret': price('Secrets Manager secret', 'secret-month', '0.40', sources.secrets),
  'route53.zone': price('Route 53 private hosted zone', 'zone-month', '0.50', sources.route53),
  'states.transition': price('Step Functions Standard, state transition', 'transition', '0.000025', sources.states),
  'express.request': price('Step Functions Express, request', 'request', '0.000001', sources.states),
  'express.time': price('Step Functions Express, time', 'GB-hour', '0.06', sources.states),
  'express.time.2': tier('Step Functions Express, time, second tier', 'GB-hour', '0.03', '1000', sources.states),
  'express.time.3': tier('Step Functions Express, time, third tier', 'GB-hour', '0.01642', '5000', sources.states),
  'durable.operation': price('Lambda durable functions, operation', 'operation', '0.000008', sources.durable),
  'durable.written': price('Lambda durable functions, data written', 'GB', '0.25', sources.durable),
  'durable.kept': price('Lambda durable functions, data kept', 'GB-month', '0.15', sources.durable),
} as const satisfies Readonly<Record<string, Price>>;

/** Name of a price. */
export type PriceName = keyof typeof prices;

/** The region that the prices are of. */
export const PRICED_REGION = 'us-east-1';
