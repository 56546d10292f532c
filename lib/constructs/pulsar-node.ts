// One machine of Pulsar with an identity: its name, its address and its disks stay when the instance under it is replaced.
import { RemovalPolicy, Size, Tags } from 'aws-cdk-lib';
import { AutoScalingGroup, HealthChecks, TerminationPolicy } from 'aws-cdk-lib/aws-autoscaling';
import { CfnNetworkInterface, EbsDeviceVolumeType, Volume, type ISubnet, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { MachineFile } from '../machines/machine-file.ts';
import type { PlannedNode, Storage } from '../machines/plan-nodes.ts';
import type { Variables } from '../machines/render-start.ts';
import type { Settings } from '../settings/settings.ts';
import { BACKUP_TAG } from './backup.ts';
import { acknowledge } from './acknowledge.ts';
import type { NetworkPlace } from './machine-places.ts';
import { allowTakeOver } from './machine-role.ts';
import { createTemplate } from './machine-template.ts';

/** Every volume carries it, with the platform's name: whoever tears a platform down finds what was kept. */
export const VOLUME_TAG = 'starquake-volume';

/** Which volumes go to the backup, and why one does not. Of `dev`'s one volume, ZooKeeper's part cannot be had alone. */
const backedUp: Readonly<Record<Storage, true | string>> = {
  zookeeper: true,
  standalone: true,
  journal: 'Entries have copies on other bookies; a journal of last night would be older than its ledgers',
  ledgers: 'Ledgers have copies on other bookies, and closed ones are offloaded; what a bookie lacks, it fetches from the others',
};

/** What a node is made from. */
export interface PulsarNodeProps {
  readonly settings: Settings;
  readonly network: NetworkPlace;
  readonly node: PlannedNode;
  readonly role: Role;
  readonly groups: readonly SecurityGroup[];
  readonly files: readonly MachineFile[];
  /** What it is told beside what follows from its address and disks. */
  readonly variables: Variables;
  readonly connector?: Variables;
}

/**
 * A node: an interface with a fixed address, volumes, and a group of exactly one instance that takes them over as it boots.
 *
 * The address is fixed by an interface of its own, not by a record that the node changes: Route 53 cannot be reached from a network
 * without a way out, an address that stays spares every client a lookup, and the permission is to attach this one interface.
 */
export class PulsarNode extends Construct {
  /** Fixed for the life of the node. */
  readonly address: string;
  readonly group: AutoScalingGroup;
  readonly #props: PulsarNodeProps;

  constructor(scope: Construct, id: string, props: PulsarNodeProps) {
    super(scope, id);
    this.#props = props;
    const { network, node } = props;
    const subnet = this.#findSubnet();
    const networkInterface = this.#createInterface(subnet);
    this.address = networkInterface.attrPrimaryPrivateIpAddress;
    new ARecord(this, 'Record', {
      zone: network.zone,
      recordName: node.description.name,
      target: RecordTarget.fromIpAddresses(this.address),
      ttl: Duration.minutes(1),
    });
    const volumes = node.volumes.map(({ storage, sizeGib }) => ({ storage, volume: this.#createVolume(storage, sizeGib) }));
    const volumeIds = volumes.map(({ volume }) => volume.volumeId);
    allowTakeOver(props.role, networkInterface.ref, volumeIds, this.#tag);
    this.group = this.#createGroup(subnet, {
      ...props.variables,
      STARQUAKE_NODE: node.description.name,
      STARQUAKE_HOST: node.description.host,
      STARQUAKE_INTERFACE: networkInterface.ref,
      STARQUAKE_ADDRESS: this.address,
      STARQUAKE_VOLUMES: volumes.map(({ storage, volume }) => `${storage}=${volume.volumeId}`).join(' '),
      STARQUAKE_LOCAL_DISKS: node.hasLocalDisks ? 'yes' : 'no',
    });
  }

  /** Of the instance under this name; its group gives it to each. */
  get #tag(): readonly [key: string, value: string] {
    const { node, settings } = this.#props;
    return ['starquake-node', `${settings.name}-${node.description.name}`];
  }

  #findSubnet(): ISubnet {
    const { network, node } = this.#props;
    const subnet = network.vpc.isolatedSubnets.find(({ availabilityZone }) => availabilityZone === node.description.zone);
    if (subnet === undefined) throw new Error(`The network has no subnet in ${node.description.zone}.`);
    return subnet;
  }

  #createInterface({ subnetId }: ISubnet): CfnNetworkInterface {
    const { groups, node, settings } = this.#props;
    return new CfnNetworkInterface(this, 'Interface', {
      subnetId,
      groupSet: groups.map(({ securityGroupId }) => securityGroupId),
      description: `${settings.name} ${node.description.name}`,
    });
  }

  #createVolume(storage: Storage, sizeGib: number): Volume {
    const { node, settings } = this.#props;
    const volume = new Volume(this, `Volume-${storage}`, {
      availabilityZone: node.description.zone,
      size: Size.gibibytes(sizeGib),
      volumeType: EbsDeviceVolumeType.GP3,
      encrypted: true,
      // What is on it is the platform's memory: it outlives the stack, and `docs/deploy.md` says how to delete it.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Tags.of(volume).add('Name', `${settings.name}-${node.description.name}-${storage}`);
    Tags.of(volume).add(VOLUME_TAG, settings.name);
    const isBackedUp = backedUp[storage];
    if (isBackedUp === true) Tags.of(volume).add(BACKUP_TAG, settings.name);
    const followed = `The backup plan of the state stack selects it by its tag ${BACKUP_TAG}, which the rule does not follow`;
    acknowledge(volume, [['NIST.800.53.R5-EC2EBSInBackupPlan', isBackedUp === true ? followed : isBackedUp]]);
    return volume;
  }

  #createGroup(subnet: ISubnet, variables: Variables): AutoScalingGroup {
    const { settings, network, node, role, groups, files, connector } = this.#props;
    const template = createTemplate(this, {
      name: node.description.name,
      platform: settings.name,
      instanceType: node.instanceType,
      role,
      groups,
      files,
      node: variables,
      ...(connector && { connector }),
    });
    const group = new AutoScalingGroup(this, 'Group', {
      vpc: network.vpc,
      vpcSubnets: { subnets: [subnet] },
      launchTemplate: template,
      minCapacity: 1,
      maxCapacity: 1,
      healthChecks: HealthChecks.ec2({ gracePeriod: Duration.minutes(15) }),
      terminationPolicies: [TerminationPolicy.OLDEST_INSTANCE],
      // No policy of updates: a new template takes effect when the runbook replaces the node, one after another, each after a check.
    });
    Tags.of(group).add(...this.#tag);
    for (const does of node.roles) Tags.of(group).add(`starquake-${does}`, 'yes');
    acknowledge(group, [
      ['AwsSolutions-AS3', 'One instance that stays: the alarms of the platform look at what it does, not at its group'],
    ]);
    return group;
  }
}
