// Names what the emulator of AWS makes nothing of, and compares a deployment with what its templates ask for.
import type { DeployedStack } from './deploy-size.ts';
import type { TypeCounts } from './list-made.ts';
import { removedTypes } from './reduce-assembly.ts';

/** Skipped in silence. */
export const skippedTypes: readonly string[] = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::ApiGatewayV2::VpcLink',
  'AWS::BCMDataExports::Export',
  'AWS::Backup::BackupPlan',
  'AWS::Backup::BackupSelection',
  'AWS::Backup::BackupVault',
  'AWS::CE::AnomalyMonitor',
  'AWS::CloudWatch::Alarm',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::Lambda::Alias',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SSM::Association',
  'AWS::SecretsManager::Secret',
  'AWS::ServiceDiscovery::PrivateDnsNamespace',
  'AWS::ServiceDiscovery::Service',
];

/** What is made instead of a type that it does not know. */
export const madeInstead: Readonly<Record<string, string>> = { 'AWS::DynamoDB::GlobalTable': 'AWS::DynamoDB::Table' };

/** What should be there of a stack, if the emulator skips what is named here and nothing else. */
export const expectMade = (asked: TypeCounts): TypeCounts => {
  const unmade = [...skippedTypes, ...removedTypes];
  const entries = Object.entries(asked).filter(([type]) => !unmade.includes(type));
  return Object.fromEntries(entries.map(([type, count]) => [madeInstead[type] ?? type, count]));
};

/** Types that are asked for and of which there is nothing, sorted. */
export const listUnmade = (stacks: Readonly<Record<string, DeployedStack>>): readonly string[] => {
  const made = new Set(Object.values(stacks).flatMap((stack) => Object.keys(stack.made)));
  const asked = new Set(Object.values(stacks).flatMap((stack) => Object.keys(stack.asked)));
  return [...asked].filter((type) => !made.has(madeInstead[type] ?? type)).toSorted();
};
