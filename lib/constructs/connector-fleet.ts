// The connectors of `production`: machines without an identity, as many as there is work for.
import { Aws, CfnElement, Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { AutoScalingGroup, HealthChecks, TerminationPolicy, UpdatePolicy } from 'aws-cdk-lib/aws-autoscaling';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SIGNAL_MINUTES } from '../machines/render-signal.ts';
import { renderMachine } from '../machines/render-machine.ts';
import { listConnectorVariables, listVariables, type Surroundings } from '../machines/render-variables.ts';
import { describeCluster } from '../pulsar-config/describe-cluster.ts';
import type { Settings } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';
import { allow } from './allow.ts';
import { announceConnectorRoles } from './connector-unit.ts';
import type { NetworkPlace, PulsarPlace, StatePlace } from './machine-places.ts';
import { allowConnector, allowSecrets, createMachineRole } from './machine-role.ts';
import { createTemplate } from './machine-template.ts';

/** What a fleet is made from. */
export interface ConnectorFleetProps {
  readonly settings: Settings;
  readonly network: NetworkPlace;
  readonly state: StatePlace;
  readonly pulsar: PulsarPlace;
}

/** A processor busier than this has another beside it, percent. */
const BUSY_PERCENT = 55;

/**
 * A group of connectors over three zones.
 *
 * A connector that is to go is told by SIGTERM as its instance shuts down, and finishes what is in hand within 25 s: systemd gives it
 * 40, EC2 gives the instance longer, so no lifecycle hook is needed. What it does not finish, another does.
 *
 * @example
 * new ConnectorFleet(this, 'Connectors', { settings, network, state, pulsar });
 */
export class ConnectorFleet extends Construct {
  readonly group: AutoScalingGroup;
  readonly role: Role;

  constructor(scope: Construct, id: string, { settings, network, state, pulsar }: ConnectorFleetProps) {
    super(scope, id);
    const { connectors } = settings.production;
    this.role = createMachineRole(this, 'Role', { settings, state, description: `Connectors of ${settings.name}` });
    allowSecrets(this.role, state, [pulsar.connectorSecret]);
    allowConnector(this.role, settings, state);
    announceConnectorRoles(this, settings, [this.role]);
    const surroundings: Surroundings = {
      artefactBucket: state.artefacts.bucketName,
      offloadBucket: state.offload.bucketName,
      valueBucket: state.bucket.bucketName,
      keyArn: state.key.keyArn,
    };
    const cluster = describeCluster(settings, { offloadBucket: '' });
    const secrets = { connector: pulsar.connectorSecret.secretArn };
    const template = createTemplate(this, {
      name: 'connector',
      platform: settings.name,
      instanceType: connectors.instanceType,
      role: this.role,
      groups: [network.groups.nodes, network.groups.connectors],
      files: renderMachine({ settings, cluster }),
      node: listVariables(settings, [], surroundings, secrets, { runsPulsar: false, runsConnector: true }),
      connector: listConnectorVariables(settings, surroundings, pulsar),
      signal: { stack: Stack.of(this).stackName, resource: Lazy.string({ produce: () => this.#findLogicalId() }) },
    });
    // To this one stack; the endpoint of CloudFormation is the way there.
    allow(this.role, ['cloudformation:SignalResource'], [Aws.STACK_ID]);
    this.group = new AutoScalingGroup(this, 'Group', {
      vpc: network.vpc,
      vpcSubnets: { subnets: network.vpc.isolatedSubnets },
      launchTemplate: template,
      minCapacity: connectors.least,
      maxCapacity: connectors.most,
      healthChecks: HealthChecks.ec2({ gracePeriod: Duration.minutes(10) }),
      terminationPolicies: [TerminationPolicy.OLDEST_LAUNCH_TEMPLATE, TerminationPolicy.DEFAULT],
      newInstancesProtectedFromScaleIn: false,
      // They have no state: a new version replaces them one after another, by itself, each when the one before says that it works. Where
      // one does not, all are as they were; scaling and health checks are suspended meanwhile, as CloudFormation asks for.
      updatePolicy: UpdatePolicy.rollingUpdate({
        maxBatchSize: 1,
        minInstancesInService: Math.min(connectors.least, connectors.most - 1),
        waitOnResourceSignals: true,
        minSuccessPercentage: 100,
        pauseTime: Duration.minutes(SIGNAL_MINUTES),
      }),
    });
    Tags.of(this.group).add('starquake-connector', 'yes');
    this.#scale();
    acknowledge(this.group, [
      ['AwsSolutions-AS3', 'Instances come and go with the load; the alarms of the platform look at what waits, which is what matters'],
    ]);
  }

  /** What CloudFormation calls the group: the machines name it when they signal. */
  #findLogicalId(): string {
    const group = this.group.node.defaultChild;
    if (!CfnElement.isCfnElement(group)) throw new Error('The group is no element of a template.');
    return Stack.of(this).getLogicalId(group);
  }

  /** Waiting work shows as a busy processor first: a connector that is not busy waits for functions, and another would as well. */
  #scale(): void {
    this.group.scaleToTrackMetric('Busy', {
      metric: new Metric({
        namespace: 'AWS/EC2',
        metricName: 'CPUUtilization',
        dimensionsMap: { AutoScalingGroupName: this.group.autoScalingGroupName },
        statistic: 'Average',
        period: Duration.minutes(5),
      }),
      targetValue: BUSY_PERCENT,
      estimatedInstanceWarmup: Duration.minutes(5),
    });
  }
}
