// The network: three zones without a way in or out, what AWS is reached by, and who may speak to whom.
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { FlowLogDestination, FlowLogTrafficType, IpAddresses, SubnetType, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { addEndpoints } from '../constructs/machine-endpoints.ts';
import type { NetworkPlace } from '../constructs/machine-places.ts';
import { createGroups, type MachineGroups } from '../constructs/machine-security.ts';
import { listZones } from '../settings/list-zones.ts';
import { nameDomain } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** What the network is made from. */
export interface NetworkStackProps extends StackProps {
  readonly settings: Settings;
}

/**
 * The network of a platform.
 *
 * @example
 * new NetworkStack(app, 'starquake-network', { env: { region: settings.region }, settings });
 */
export class NetworkStack extends Stack implements NetworkPlace {
  readonly vpc: IVpc;
  readonly groups: MachineGroups;
  /** `<name>.internal`, answered inside of the network only. */
  readonly zone: PrivateHostedZone;
  readonly #zones: readonly string[];

  constructor(scope: Construct, id: string, { settings, ...props }: NetworkStackProps) {
    super(scope, id, { description: `Network of ${settings.name}`, ...props });
    this.#zones = listZones(settings);
    acknowledge(this, [
      ['CloudFormation-Validate::W3010', "Zones are the settings', on purpose: asking for them would tie the template to an account"],
    ]);
    this.vpc = this.#createVpc(settings);
    this.groups = createGroups(this, this.vpc);
    addEndpoints(this, { vpc: this.vpc, group: this.groups.endpoints, settings });
    this.zone = new PrivateHostedZone(this, 'Zone', { zoneName: nameDomain(settings), vpc: this.vpc });
    new CfnOutput(this, 'ClientGroup', {
      value: this.groups.clients.securityGroupId,
      description: 'What services that speak to Pulsar wear',
    });
  }

  /** Zones come from the settings: asking AWS would tie what is synthesized to an account. */
  override get availabilityZones(): string[] {
    return [...this.#zones];
  }

  #createVpc(settings: Settings): IVpc {
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(settings.cidr),
      availabilityZones: [...this.#zones],
      natGateways: 0,
      // No internet gateway and no translation: nothing in here can be reached from outside, or reach it.
      subnetConfiguration: [{ name: 'machines', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }],
      restrictDefaultSecurityGroup: false,
    });
    const log = new LogGroup(this, 'FlowLog', { retention: settings.retention.logs, removalPolicy: RemovalPolicy.DESTROY });
    acknowledge(log, [
      [
        'NIST.800.53.R5-CloudWatchLogGroupEncrypted',
        'CloudWatch encrypts it by itself; addresses and ports are no secret that needs a key of its own',
      ],
    ]);
    const flows = vpc.addFlowLog('Flows', {
      destination: FlowLogDestination.toCloudWatchLogs(log),
      trafficType: FlowLogTrafficType.REJECT,
    });
    acknowledge(flows, [['NIST.800.53.R5-IAMNoInlinePolicy', 'The policy is for the role of this log alone, and comes and goes with it']]);
    acknowledge(vpc, [
      [
        'NIST.800.53.R5-VPCDefaultSecurityGroupClosed',
        'Nothing wears the default group, which lets in only who wears it; closing it would need a function that may change groups',
      ],
    ]);
    // The class says `vpnGatewayId: string | undefined`, its interface `vpnGatewayId?: string`: the same, but not to a strict compiler.
    return vpc as IVpc;
  }
}
