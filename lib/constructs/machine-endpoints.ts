// The ways to AWS from a network without a way out, in as many zones as their price is worth, and nobody else's account behind them.
import { Aws } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService as Gateway,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService as Service,
  type IVpc,
  type SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { sizeShapes, type EndpointShape } from '../../src/cost/size-shapes.ts';
import type { Settings } from '../settings/settings.ts';

/** What endpoints are made from. */
export interface EndpointsProps {
  readonly vpc: IVpc;
  readonly group: SecurityGroup;
  readonly settings: Settings;
}

/** The services, and what their endpoints are called here. */
const services: Readonly<Record<EndpointShape['service'], readonly [id: string, service: Service]>> = {
  lambda: ['Lambda', Service.LAMBDA],
  ssm: ['Ssm', Service.SSM],
  ssmmessages: ['SsmMessages', Service.SSM_MESSAGES],
  ec2: ['Ec2', Service.EC2],
  secretsmanager: ['Secrets', Service.SECRETS_MANAGER],
  logs: ['Logs', Service.CLOUDWATCH_LOGS],
  monitoring: ['Monitoring', Service.CLOUDWATCH_MONITORING],
  kms: ['Kms', Service.KMS],
  cloudformation: ['CloudFormation', Service.CLOUDFORMATION],
};

/** Who asks is of this account, and nobody brings keys of another. */
const OURS = { 'aws:PrincipalAccount': Aws.ACCOUNT_ID };
/** What is asked for is of this account too. */
const OWNED = { ...OURS, 'aws:ResourceAccount': Aws.ACCOUNT_ID };

const permit = (actions: readonly string[], resources: readonly string[], equals?: Readonly<Record<string, string>>): PolicyStatement =>
  new PolicyStatement({
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: [...resources],
    ...(equals && { conditions: { StringEquals: equals } }),
  });

/**
 * What goes through the endpoint of a service: all of the service, within the account. What a machine may is its role's, to the single
 * resource; the endpoint keeps out what no role of this account knows of: other accounts, as somewhere to carry data to.
 */
const passing: Readonly<Record<EndpointShape['service'], readonly PolicyStatement[]>> = {
  // A job may name a function of another account: the role names it to the end, and that account has to allow it.
  lambda: [permit(['lambda:*'], ['*'], OWNED), permit(['lambda:InvokeFunction'], ['*'], OURS)],
  // The documents that AWS keeps for everybody, as AWS-RunShellScript, are of no account.
  ssm: [
    permit(['ssm:*'], ['*'], OWNED),
    permit(['ssm:GetDocument', 'ssm:DescribeDocument'], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/*`], OURS),
  ],
  // Its channels have no resource that could be another's.
  ssmmessages: [permit(['ssmmessages:*'], ['*'], OURS)],
  ec2: [permit(['ec2:*'], ['*'], OWNED)],
  secretsmanager: [permit(['secretsmanager:*'], ['*'], OWNED)],
  logs: [permit(['logs:*'], ['*'], OWNED)],
  // Measurements have no resource: they go to the account of who sends them.
  monitoring: [permit(['cloudwatch:*'], ['*'], OURS)],
  kms: [permit(['kms:*'], ['*'], OWNED)],
  cloudformation: [permit(['cloudformation:*'], ['*'], OWNED)],
};

/** Where dnf finds the packages of Amazon Linux 2023; it asks without a name, so there is no account to compare. */
const REPOSITORY = `arn:${Aws.PARTITION}:s3:::al2023-repos-${Aws.REGION}-de612dc2/*`;

/** S3 and DynamoDB, which cost nothing: without these policies they would be a way to any bucket and table in the world. */
const addGateways = (vpc: IVpc, { artefacts }: Settings): void => {
  const s3 = vpc.addGatewayEndpoint('S3', { service: Gateway.S3 });
  s3.addToPolicy(permit(['s3:*'], ['*'], OWNED));
  s3.addToPolicy(permit(['s3:GetObject'], [REPOSITORY]));
  // The operator's own bucket of artefacts may be in an account that several platforms share.
  if (artefacts.bucket !== undefined) {
    const objects = ['pulsar/*', 'connector/*'].map((pattern) => `arn:${Aws.PARTITION}:s3:::${artefacts.bucket}/${pattern}`);
    s3.addToPolicy(permit(['s3:GetObject'], objects, OURS));
  }
  vpc.addGatewayEndpoint('DynamoDb', { service: Gateway.DYNAMODB }).addToPolicy(permit(['dynamodb:*'], ['*'], OWNED));
};

/**
 * Adds the endpoints of a size; what goes through them stays in the account.
 *
 * One costs about 7.30 dollars a month in each zone, so the sizes have what they are worth (`sizeShapes`). Agents of Systems Manager
 * since 3.3.40 do without `ec2messages`, roles of machines without `sts`.
 */
export const addEndpoints = (scope: Construct, { vpc, group, settings }: EndpointsProps): void => {
  addGateways(vpc, settings);
  for (const { service: name, zones } of sizeShapes[settings.size].endpoints) {
    const [id, service] = services[name];
    const endpoint = new InterfaceVpcEndpoint(scope, `${id}Endpoint`, {
      vpc,
      service,
      subnets: { subnets: vpc.isolatedSubnets.slice(0, zones) },
      securityGroups: [group],
      open: false,
      privateDnsEnabled: true,
    });
    for (const statement of passing[name]) endpoint.addToPolicy(statement.copy());
  }
};
