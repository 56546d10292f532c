// Pulsar on machines of its own: the nodes of a size, their keys, and the runbooks that look after them.
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { announceConnectorRoles } from '../constructs/connector-unit.ts';
import type { NetworkPlace, PulsarPlace, StatePlace } from '../constructs/machine-places.ts';
import { allowConnector, allowKeyMaking, allowOffload, allowSecrets, createMachineRole } from '../constructs/machine-role.ts';
import { createSecrets, type MachineSecrets } from '../constructs/machine-secrets.ts';
import { ProxyEntry } from '../constructs/machine-proxy.ts';
import { MachineRunbooks } from '../constructs/machine-runbooks.ts';
import { PulsarNode } from '../constructs/pulsar-node.ts';
import { listWith, planNodes, type PlannedNode, type Role as NodeRole } from '../machines/plan-nodes.ts';
import { nameMachineLogs, nameMeasureLogs } from '../machines/render-agent.ts';
import { renderMachine } from '../machines/render-machine.ts';
import { listConnectorVariables, listVariables, type Surroundings } from '../machines/render-variables.ts';
import type { ClusterDescription } from '../pulsar-config/cluster-description.ts';
import { describeCluster } from '../pulsar-config/describe-cluster.ts';
import { ports } from '../pulsar-config/places.ts';
import { nameDomain } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** What it is made from. */
export interface PulsarStackProps extends StackProps {
  readonly settings: Settings;
  readonly network: NetworkPlace;
  readonly state: StatePlace;
}

/** Filled in by the machine: what it reads is the same text for every account. */
const OFFLOAD_MARK = '@OFFLOAD_BUCKET@';

/** Groups that a machine wears for a role. */
const groupsOf: Readonly<Record<NodeRole, 'zookeepers' | 'bookies' | 'brokers' | 'proxies' | 'connectors'>> = {
  standalone: 'brokers',
  zookeeper: 'zookeepers',
  bookie: 'bookies',
  broker: 'brokers',
  proxy: 'proxies',
  connector: 'connectors',
};

/**
 * Pulsar of a platform; in `dev` and `small` the connector is on the same machines.
 *
 * @example
 * new PulsarStack(app, 'starquake-pulsar', { env: { region: settings.region }, settings, network, state });
 */
export class PulsarStack extends Stack implements PulsarPlace {
  readonly webServiceUrl: string;
  readonly brokerUrl: string;
  readonly secrets: MachineSecrets;
  /** In the order in which they are upgraded. */
  readonly nodes: readonly PulsarNode[];
  readonly #props: PulsarStackProps;
  readonly #cluster: ClusterDescription;
  readonly #planned: readonly PlannedNode[];

  constructor(scope: Construct, id: string, props: PulsarStackProps) {
    const { settings, network: _network, state, ...rest } = props;
    super(scope, id, { description: `Pulsar of ${settings.name}`, terminationProtection: settings.size !== 'dev', ...rest });
    acknowledge(this, [['CloudFormation-Validate::W3010', 'A volume is where its node is, and the settings say where that is']]);
    this.#props = props;
    this.#cluster = describeCluster(settings, { offloadBucket: OFFLOAD_MARK });
    this.#planned = planNodes(settings, this.#cluster);
    const host = `brokers.${nameDomain(settings)}`;
    this.webServiceUrl = `https://${host}:${ports.web}`;
    this.brokerUrl = `pulsar+ssl://${host}:${ports.broker}`;
    this.secrets = createSecrets(this, settings.name, state.storageKey);
    this.#createLogs();
    this.nodes = this.#createNodes();
    this.#nameBrokers();
    this.#createProxies();
    new MachineRunbooks(this, 'Runbooks', { settings, nodes: this.#planned });
  }

  get connectorSecret(): MachineSecrets['connector'] {
    return this.secrets.connector;
  }

  #createLogs(): void {
    const { settings } = this.#props;
    for (const [id, logGroupName] of Object.entries({ MachineLogs: nameMachineLogs(settings), Measurements: nameMeasureLogs(settings) })) {
      const retention: RetentionDays = settings.retention.logs;
      const log = new LogGroup(this, id, { logGroupName, retention, removalPolicy: RemovalPolicy.DESTROY });
      acknowledge(log, [
        ['NIST.800.53.R5-CloudWatchLogGroupEncrypted', 'CloudWatch encrypts it by itself; machines log no payload and no key'],
      ]);
    }
  }

  /** Each has a role of its own: it names the address and the disks of that one machine, and the keyholder's secrets to nobody else. */
  #createNodes(): readonly PulsarNode[] {
    const { settings, network } = this.#props;
    const connectors: Role[] = [];
    const nodes = this.#planned.map((node) => {
      const { name } = node.description;
      const role = this.#createRole(node);
      const groups: SecurityGroup[] = [network.groups.nodes, ...new Set(node.roles.map((own) => network.groups[groupsOf[own]]))];
      const hasConnector = node.roles.includes('connector');
      if (hasConnector) connectors.push(role);
      return new PulsarNode(this, name, {
        settings,
        network,
        node,
        role,
        groups,
        files: renderMachine({ settings, cluster: this.#cluster, node }),
        variables: listVariables(settings, this.#planned, this.#surroundings, this.#nameSecrets(node), {
          runsPulsar: true,
          runsConnector: hasConnector,
        }),
        ...(hasConnector && { connector: listConnectorVariables(settings, this.#surroundings, this, node.instanceType) }),
      });
    });
    if (connectors.length > 0) announceConnectorRoles(this, settings, connectors);
    return nodes;
  }

  #createRole({ roles, isFirst, description: { name } }: PlannedNode): Role {
    const { settings, state } = this.#props;
    const { authority, tls, tokens, connector } = this.secrets;
    const description = `${name} of ${settings.name}: ${roles.join(', ')}`;
    const role = createMachineRole(this, `Role-${name}`, { settings, state, description });
    const hasConnector = roles.includes('connector');
    allowSecrets(role, state, [tls, tokens, ...(hasConnector || isFirst ? [connector] : []), ...(isFirst ? [authority] : [])]);
    if (isFirst) allowKeyMaking(role, [authority, tls, tokens, connector]);
    if (roles.includes('broker') || roles.includes('standalone')) allowOffload(role, settings, state);
    if (hasConnector) allowConnector(role, settings, state);
    return role;
  }

  get #surroundings(): Surroundings {
    const { artefacts, offload, bucket, key } = this.#props.state;
    return { artefactBucket: artefacts.bucketName, offloadBucket: offload.bucketName, valueBucket: bucket.bucketName, keyArn: key.keyArn };
  }

  #nameSecrets({ roles, isFirst }: PlannedNode): Parameters<typeof listVariables>[3] {
    const { authority, tls, tokens, connector } = this.secrets;
    return {
      tls: tls.secretArn,
      tokens: tokens.secretArn,
      ...((roles.includes('connector') || isFirst) && { connector: connector.secretArn }),
      ...(isFirst && { authority: authority.secretArn }),
    };
  }

  #listNodesWith(...roles: readonly NodeRole[]): readonly PulsarNode[] {
    const names = roles.flatMap((role) => listWith(this.#planned, role).map(({ description }) => description.name));
    return this.nodes.filter(({ node }) => names.includes(node.id));
  }

  /** One name for all brokers: a client asks any of them which one has its topic. */
  #nameBrokers(): void {
    new ARecord(this, 'Brokers', {
      zone: this.#props.network.zone,
      recordName: 'brokers',
      target: RecordTarget.fromIpAddresses(...this.#listNodesWith('broker', 'standalone').map(({ address }) => address)),
      ttl: Duration.seconds(10),
    });
  }

  #createProxies(): void {
    const { network, settings } = this.#props;
    const proxies = this.#listNodesWith('proxy');
    if (proxies.length > 0) new ProxyEntry(this, 'ProxyEntry', { settings, network, proxies });
  }
}
