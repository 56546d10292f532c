// Turns the settings of a platform into the description of its cluster: which nodes there are, and what they agree on.
import { listZones } from '../settings/list-zones.ts';
import { nameDomain } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';
import type { ClusterDescription, CopyCounts, NodeDescription, Role } from './cluster-description.ts';
import { tokenRoles } from './places.ts';
import { shareMemory } from './size-memory.ts';

/** What is not known from the settings alone. */
export interface ClusterSurroundings {
  /** Bucket that closed ledgers go to; a mark that the node replaces will do. */
  readonly offloadBucket: string;
}

interface Group {
  readonly prefix: string;
  readonly roles: readonly Role[];
  readonly instanceType: string;
  readonly count: number;
}

const GIBIBYTE = 1024 ** 3;
/** Namespaces are cut into so many parts, which brokers are given. */
const BUNDLES = 32;

const listGroups = ({ size, dev, small, production }: Settings): readonly Group[] => {
  if (size === 'dev') return [{ prefix: 'node', roles: ['standalone'], instanceType: dev.instanceType, count: 1 }];
  if (size === 'small') return [{ prefix: 'node', roles: ['zookeeper', 'bookie', 'broker'], instanceType: small.instanceType, count: 3 }];
  const { zookeepers, bookies, brokers, proxies } = production;
  return [
    { prefix: 'zookeeper', roles: ['zookeeper'], ...zookeepers },
    { prefix: 'bookie', roles: ['bookie'], ...bookies },
    { prefix: 'broker', roles: ['broker'], ...brokers },
    ...(proxies === undefined ? [] : [{ prefix: 'proxy', roles: ['proxy'], ...proxies } as const]),
  ];
};

const listNodesOf = (settings: Settings): readonly NodeDescription[] => {
  const zones = listZones(settings);
  return listGroups(settings).flatMap(({ prefix, roles, instanceType, count }) =>
    Array.from({ length: count }, (_, at): NodeDescription => {
      const name = `${prefix}-${at + 1}`;
      const zone = zones[at % zones.length] ?? '';
      return { name, host: `${name}.${nameDomain(settings)}`, zone, processes: shareMemory(instanceType, roles) };
    }),
  );
};

/** With three bookies a third copy could not be written once one of them is lost. */
const copiesOf: Readonly<Record<Settings['size'], CopyCounts>> = {
  dev: { ensemble: 1, write: 1, ack: 1 },
  small: { ensemble: 2, write: 2, ack: 2 },
  production: { ensemble: 3, write: 3, ack: 2 },
};

/** Hours, at the rates that a size is for. */
const keptMibOf: Readonly<Record<Settings['size'], number>> = { dev: 64, small: 256, production: 1024 };

/**
 * Describes the cluster of a platform.
 *
 * @throws SETTINGS_INVALID for an instance type whose memory is not known
 * @example
 * describeCluster(readSettings({ size: 'small' }), { offloadBucket: 'b' }).nodes.map(({ host }) => host);
 * // ['node-1.starquake.internal', 'node-2.starquake.internal', 'node-3.starquake.internal']
 */
export const describeCluster = (settings: Settings, { offloadBucket }: ClusterSurroundings): ClusterDescription => ({
  name: settings.name,
  nodes: listNodesOf(settings),
  copies: copiesOf[settings.size],
  racks: settings.size === 'dev' ? 1 : 2,
  bundles: BUNDLES,
  offload: {
    driver: 'aws-s3',
    bucket: offloadBucket,
    region: settings.region,
    endpoint: `https://s3.${settings.region}.amazonaws.com`,
    thresholdBytes: Math.round(settings.offloadAfterGib * GIBIBYTE),
  },
  keptMib: keptMibOf[settings.size],
  superUserRoles: [tokenRoles.admin, tokenRoles.broker],
});
