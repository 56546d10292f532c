// Lets the connector invoke functions of somebody else that jobs of an app name: no name of theirs begins as the engine's do.
import { ArnFormat, Fn, Names, Stack } from 'aws-cdk-lib';
import { CfnPolicy, PolicyDocument, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { nameConnectorRole } from '../settings/names.ts';
import { acknowledge } from './acknowledge.ts';

/** What the connector is to be allowed. */
export interface ForeignFunctionsProps {
  /** A name, `name:alias` or an ARN each. */
  readonly functions: readonly string[];
  readonly engine: { readonly name: string };
  /** Read from the parameter that the engine's stack leaves, when it is deployed, unless given. */
  readonly connectorRole?: IRole;
}

/** The permission to invoke them, as a policy of the connectors' roles. A function of another account must allow it as well. */
export class ForeignFunctions extends Construct {
  constructor(scope: Construct, id: string, { functions, engine, connectorRole }: ForeignFunctionsProps) {
    super(scope, id);
    const resources = [...new Set(functions)].map((name) => findArn(this, name));
    const policy = new CfnPolicy(this, 'Policy', {
      policyName: Names.uniqueResourceName(this, { maxLength: 128 }),
      // How many roles there are is known when it is deployed: connectors beside Pulsar have one on each machine.
      roles: connectorRole === undefined ? findConnectorRoles(this, engine) : [connectorRole.roleName],
      policyDocument: new PolicyDocument({ statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources })] }),
    });
    acknowledge(policy, [
      [
        'NIST.800.53.R5-IAMNoInlinePolicy',
        'It belongs to the connectors and to this app: it comes and goes with the app that names the functions',
      ],
    ]);
  }
}

const findConnectorRoles = (scope: Construct, engine: { readonly name: string }): string[] =>
  Fn.split(',', StringParameter.valueForStringParameter(scope, nameConnectorRole(engine)));

const findArn = (scope: Construct, name: string): string =>
  name.startsWith('arn:')
    ? name
    : Stack.of(scope).formatArn({ service: 'lambda', resource: 'function', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
