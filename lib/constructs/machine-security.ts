// Who may speak to whom, and on which port: one security group for each role, and no rule that names an address.
import { Peer, Port, SecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { ports } from '../pulsar-config/places.ts';

/** The groups of a platform; a machine wears one for each of its roles. */
export interface MachineGroups {
  /** Every machine of the platform. */
  readonly nodes: SecurityGroup;
  readonly zookeepers: SecurityGroup;
  readonly bookies: SecurityGroup;
  /** Brokers, a standalone one too. */
  readonly brokers: SecurityGroup;
  readonly proxies: SecurityGroup;
  readonly connectors: SecurityGroup;
  /** What speaks to Pulsar and is no machine of the platform: services, the API. */
  readonly clients: SecurityGroup;
  /** The ways to AWS. */
  readonly endpoints: SecurityGroup;
}

type GroupName = keyof MachineGroups;

const descriptions: Readonly<Record<GroupName, string>> = {
  nodes: 'Every machine of the platform',
  zookeepers: 'ZooKeeper',
  bookies: 'Bookies',
  brokers: 'Brokers of Pulsar',
  proxies: 'Proxies of Pulsar',
  connectors: 'Connectors of the engine',
  clients: 'Services that speak to Pulsar',
  endpoints: 'Endpoints of AWS services',
};

/** From, to, port, what for. Everything else is closed, the ports without TLS of brokers (6650, 8080) among it. */
const ways: readonly (readonly [from: GroupName, to: GroupName, port: number, what: string])[] = [
  ['zookeepers', 'zookeepers', ports.zookeeperPeers, 'followers to their leader'],
  ['zookeepers', 'zookeepers', ports.zookeeperElection, 'election of a leader'],
  ['zookeepers', 'zookeepers', ports.zookeeper, 'initialization of the metadata'],
  ['bookies', 'zookeepers', ports.zookeeper, 'metadata of bookies'],
  ['brokers', 'zookeepers', ports.zookeeper, 'metadata of topics'],
  ['proxies', 'zookeepers', ports.zookeeper, 'addresses of brokers'],
  ['brokers', 'bookies', ports.bookie, 'entries'],
  ['bookies', 'bookies', ports.bookie, 'entries copied again'],
  ['bookies', 'brokers', ports.web, 'a bookie says which rack it is in'],
  ['zookeepers', 'brokers', ports.web, 'the namespace of the engine is made'],
  ['brokers', 'brokers', ports.broker, 'brokers among themselves'],
  ['brokers', 'brokers', ports.web, 'administration passed on to the owner of a topic'],
  ['proxies', 'brokers', ports.broker, 'messages of clients outside'],
  ['proxies', 'brokers', ports.web, 'administration of clients outside'],
  ['connectors', 'brokers', ports.broker, 'messages'],
  ['connectors', 'brokers', ports.web, 'topics of the engine'],
  ['clients', 'brokers', ports.broker, 'messages'],
  ['clients', 'brokers', ports.web, 'lookups and WebSocket'],
  ['clients', 'proxies', ports.broker, 'messages'],
  ['clients', 'proxies', ports.web, 'lookups and WebSocket'],
  ['nodes', 'endpoints', 443, 'AWS services'],
];

/** Makes the groups and the rules between them. */
export const createGroups = (scope: Construct, vpc: IVpc): MachineGroups => {
  const create = (name: GroupName): SecurityGroup =>
    new SecurityGroup(scope, `Group-${name}`, { vpc, description: descriptions[name], allowAllOutbound: false, disableInlineRules: true });
  const groups: MachineGroups = {
    nodes: create('nodes'),
    zookeepers: create('zookeepers'),
    bookies: create('bookies'),
    brokers: create('brokers'),
    proxies: create('proxies'),
    connectors: create('connectors'),
    clients: create('clients'),
    endpoints: create('endpoints'),
  };
  for (const [from, to, port, what] of ways) {
    // A rule is of the group that is entered; its counterpart lets the other out.
    groups[to].addIngressRule(groups[from], Port.tcp(port), what);
    groups[from].addEgressRule(groups[to], Port.tcp(port), what);
  }
  // S3 and DynamoDB have public addresses, behind gateway endpoints: there is no route to any other.
  groups.nodes.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'S3 and DynamoDB through gateway endpoints');
  return groups;
};
