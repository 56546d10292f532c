// The ways to AWS from a network without a way out, in as many zones as their price is worth.
import { Aws } from 'aws-cdk-lib';
import { InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService as Service, type IVpc, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

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
};

/**
 * Adds the endpoints of a size; what goes through them stays in the account.
 *
 * One costs about 7.30 dollars a month in each zone, so the sizes have what they are worth (`sizeShapes`). Agents of Systems Manager
 * since 3.3.40 do without `ec2messages`, roles of machines without `sts`.
 */
export const addEndpoints = (scope: Construct, { vpc, group, settings: { size } }: EndpointsProps): void => {
  for (const { service: name, zones } of sizeShapes[size].endpoints) {
    const [id, service] = services[name];
    const endpoint = new InterfaceVpcEndpoint(scope, `${id}Endpoint`, {
      vpc,
      service,
      subnets: { subnets: vpc.isolatedSubnets.slice(0, zones) },
      securityGroups: [group],
      open: false,
      privateDnsEnabled: true,
    });
    endpoint.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new AnyPrincipal()],
        actions: ['*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }
};
