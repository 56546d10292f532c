// Turns settings into machines: beside what Pulsar needs to know of a node, what it is made of.
import { listRoles, type ClusterDescription, type NodeDescription, type Role as PulsarRole } from '../pulsar-config/cluster-description.ts';
import type { Settings } from '../settings/settings.ts';

/** What a machine may do. */
export type Role = PulsarRole | 'connector';

/** Where a role keeps its data, under `/data`. */
export type Storage = 'standalone' | 'zookeeper' | 'journal' | 'ledgers';

/** One volume that outlives the machine it is attached to. */
export interface PlannedVolume {
  readonly storage: Storage;
  readonly sizeGib: number;
}

/** What a machine is made of. */
interface Hardware {
  readonly instanceType: string;
  readonly volumes: readonly PlannedVolume[];
  /** Whether journal and ledgers are on disks of the machine itself, which are empty after a replacement. */
  readonly hasLocalDisks: boolean;
}

/** A machine with a name, an address and data of its own, which a replacement takes over. */
export interface PlannedNode extends Hardware {
  readonly description: NodeDescription;
  readonly roles: readonly Role[];
  /** Whether it makes the keys, the metadata and the namespace of the platform. */
  readonly isFirst: boolean;
}

const findHardware = ({ dev, small, production }: Settings, roles: readonly PulsarRole[]): Hardware => {
  const without = { volumes: [], hasLocalDisks: false };
  if (roles.includes('standalone')) {
    return { ...without, instanceType: dev.instanceType, volumes: [{ storage: 'standalone', sizeGib: dev.dataGib }] };
  }
  if (roles.length > 1) {
    const { instanceType, zookeeperGib, journalGib, ledgersGib } = small;
    const volumes: readonly PlannedVolume[] = [
      { storage: 'zookeeper', sizeGib: zookeeperGib },
      { storage: 'journal', sizeGib: journalGib },
      { storage: 'ledgers', sizeGib: ledgersGib },
    ];
    return { ...without, instanceType, volumes };
  }
  const { zookeepers, bookies, brokers, proxies = brokers, zookeeperGib } = production;
  if (roles.includes('zookeeper')) {
    return { ...without, instanceType: zookeepers.instanceType, volumes: [{ storage: 'zookeeper', sizeGib: zookeeperGib }] };
  }
  if (roles.includes('bookie')) return { ...without, instanceType: bookies.instanceType, hasLocalDisks: true };
  return { ...without, instanceType: (roles.includes('proxy') ? proxies : brokers).instanceType };
};

/**
 * Lists the machines that have an identity, in the order in which they are upgraded. Connectors of `production` are in a group of their own.
 *
 * @example
 * planNodes(settings, cluster).map(({ description: { name, zone } }) => `${name} ${zone}`); // ['node-1 us-east-1a', ...]
 */
export const planNodes = (settings: Settings, cluster: ClusterDescription): readonly PlannedNode[] =>
  cluster.nodes.map((description, at) => {
    const own = listRoles(description);
    const roles: readonly Role[] = settings.size === 'production' ? own : [...own, 'connector'];
    return { ...findHardware(settings, own), description, roles, isFirst: at === 0 };
  });

/** The machines that have a role. */
export const listWith = (nodes: readonly PlannedNode[], role: Role): readonly PlannedNode[] =>
  nodes.filter(({ roles }) => roles.includes(role));
