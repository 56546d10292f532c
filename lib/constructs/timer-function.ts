// The engine's own function, which turns what is due into messages: it may do nothing but write its log.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stage } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleTimerNow } from '../../src/bundle/bundle-timer-now.ts';
import { findFunctionName } from '../../src/platform/function-names.ts';
import { TIMER_FUNCTION } from '../../src/protocol/manifest.ts';
import { acknowledge } from './acknowledge.ts';

const MEMORY_MB = 256;
const TIMEOUT_SECONDS = 30;

/** What it is called, and how long its log is kept. */
export interface TimerFunctionProps {
  /** Before the names of all functions of the engine. */
  readonly prefix: string;
  readonly logDays: number;
}

/**
 * The timer function, with a role and a log of its own.
 *
 * It reserves no concurrency: a reservation is taken from all other functions, and an account whose limit is small has none to give.
 */
export class TimerFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, { prefix, logDays }: TimerFunctionProps) {
    super(scope, id);
    const functionName = findFunctionName(TIMER_FUNCTION, { prefix });
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
    this.function = new Function(this, 'Function', {
      functionName,
      description: 'Starquake: turns what is due into messages',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundle(this)),
      handler: 'index.handler',
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      role,
      logGroup,
    });
    acknowledge(this, [
      ['AwsSolutions-L1', 'Node 24 is the newest runtime that the engine is tested on'],
      ['NIST.800.53.R5-CloudWatchLogGroupEncrypted', 'CloudWatch encrypts it by itself; no payload is ever logged'],
      ['NIST.800.53.R5-IAMNoInlinePolicy', 'The policy is of this one function: nobody else may be given it, and it goes with its role'],
      [
        'NIST.800.53.R5-LambdaConcurrency',
        'The connector bounds what it invokes at once; a reservation would be taken from the functions of apps',
      ],
      ['NIST.800.53.R5-LambdaDLQ', 'It is invoked synchronously only; what it was asked stays on the bus until it has answered'],
      ['NIST.800.53.R5-LambdaInsideVPC', 'It calls nobody: an address in the network would only be a way to reach something'],
    ]);
  }
}

/** Node takes a module by its folder: it stands alone in one. */
const bundle = (scope: Construct): string => {
  const folder = join(Stage.of(scope)?.assetOutdir ?? 'cdk.out', 'starquake', scope.node.addr);
  const file = bundleTimerNow({ outDir: folder });
  const code = join(folder, 'code');
  mkdirSync(code, { recursive: true });
  copyFileSync(file, join(code, 'index.mjs'));
  return code;
};
