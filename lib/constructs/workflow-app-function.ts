// One function of an app: its own role, its own log, a version of its code as it is now, and the alias that names the deployment.
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnAlias, Code, Function, Runtime, Tracing, type ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { findFunctionName } from '../../src/platform/function-names.ts';
import { acknowledge } from './acknowledge.ts';

/** What the function of a job may be given beside what its definition says. */
export interface JobFunctionProps {
  /** In place of the `memoryMb` of the definition. */
  readonly memoryMb?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Joins a network, where it reaches what has no public address. It is outside of every network unless given. */
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: readonly ISecurityGroup[];
  readonly layers?: readonly ILayerVersion[];
  /** Traces its invocations with X-Ray. Default false. */
  readonly tracing?: boolean;
}

/** What all functions of an app have in common. */
export interface AppFunctionSettings {
  /** Stands before the names of functions. */
  readonly prefix: string;
  readonly logRetention: RetentionDays;
  /** Encrypts the log; CloudWatch's own key unless given. */
  readonly logKey?: IKey;
  /** Encrypts the environment at rest; Lambda's own key unless given. */
  readonly environmentKey?: IKey;
}

/** What one function is made of. */
export interface AppFunctionProps {
  readonly settings: AppFunctionSettings;
  /** As in the manifest: `booking.job.book-flight@12`. */
  readonly name: string;
  /** The file that exports `handler`. */
  readonly file: string;
  readonly content: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly maxConcurrency?: number;
  readonly job?: JobFunctionProps;
}

/** One function of an app. */
export class AppFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: AppFunctionProps) {
    super(scope, id);
    const { settings, name, memoryMb, timeoutMs, maxConcurrency, job = {} } = props;
    const [functionName = '', aliasName = ''] = findFunctionName(name, { prefix: settings.prefix }).split(':');
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: settings.logRetention,
      ...(settings.logKey && { encryptionKey: settings.logKey }),
    });
    const role = makeRole(this, logGroup);
    this.function = new Function(this, 'Function', {
      functionName,
      description: `Starquake: ${name.slice(0, name.indexOf('@'))}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(makeFolder(props.file)),
      handler: 'index.handler',
      memorySize: memoryMb,
      timeout: Duration.seconds(Math.ceil(timeoutMs / 1_000)),
      role,
      logGroup,
      tracing: job.tracing === true ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(maxConcurrency !== undefined && { reservedConcurrentExecutions: maxConcurrency }),
      ...(settings.environmentKey && { environmentEncryption: settings.environmentKey }),
      ...(job.environment && { environment: { ...job.environment } }),
      ...(job.vpc && { vpc: job.vpc }),
      ...(job.vpcSubnets && { vpcSubnets: job.vpcSubnets }),
      ...(job.securityGroups && { securityGroups: [...job.securityGroups] }),
      ...(job.layers && { layers: [...job.layers] }),
    });
    // Other code under the same name is another resource, which CloudFormation refuses to make: no run is moved to it unseen.
    new CfnAlias(this, `Deployment-${aliasName}-${props.content}`, {
      functionName: this.function.functionName,
      functionVersion: this.function.currentVersion.version,
      name: aliasName,
    });
    if (job.vpc) this.function.node.addDependency(letJoinNetwork(this, role));
    acknowledge(this, [
      ['AwsSolutions-L1', 'Node 24 is the newest runtime that the engine is tested on'],
      ['NIST.800.53.R5-CloudWatchLogGroupEncrypted', 'CloudWatch encrypts it by itself; who needs a key of his own gives `logKey`'],
      ['NIST.800.53.R5-IAMNoInlinePolicy', 'The policy is of this one function: nobody else may be given it, and it goes with its role'],
      [
        'NIST.800.53.R5-LambdaConcurrency',
        'The connector bounds what it invokes at once; a reservation, where `maxConcurrency` wants one, is taken from all others',
      ],
      [
        'NIST.800.53.R5-LambdaDLQ',
        'It is invoked synchronously only; failed attempts are messages on the bus, judged by the job-retry function',
      ],
      ['NIST.800.53.R5-LambdaInsideVPC', 'It needs no address in the network; a job that does is given `vpc`'],
    ]);
  }
}

/** Lambda takes a module by its folder: each function has one, with nothing else in it. */
const makeFolder = (file: string): string => {
  // A dot in a folder's name would be taken for the type of a file.
  const folder = join(dirname(file), basename(file, '.mjs').replaceAll('.', '-'));
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, join(folder, 'index.mjs'));
  return folder;
};

/** May write its own log, and nothing else until it is granted something. */
const makeRole = (scope: Construct, logGroup: LogGroup): Role => {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
  return role;
};

const letJoinNetwork = (scope: Construct, role: Role): Policy => {
  const actions = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'DeleteNetworkInterface'];
  const policy = new Policy(scope, 'JoinNetwork', {
    roles: [role],
    statements: [new PolicyStatement({ actions: actions.map((action) => `ec2:${action}`), resources: ['*'] })],
  });
  acknowledge(policy, [
    ['AwsSolutions-IAM5', 'Lambda makes the interfaces of a function in a network under names that nobody knows before'],
  ]);
  return policy;
};
