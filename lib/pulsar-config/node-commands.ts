// The command lines of a cluster's life, as data: units, user data and runbooks are made of them, and tests run them.
import { writeBrokerUrl, writeMetadataUrl, writeWebUrl } from './addresses.ts';
import { listNodes, type ClusterDescription, type NodeDescription, type Role } from './cluster-description.ts';
import { places, ports, tokenRoles } from './places.ts';

/** A program and its arguments. */
export type CommandLine = readonly [program: string, ...parameters: string[]];

const PULSAR = `${places.home}/bin/pulsar`;
const ADMIN = `${places.home}/bin/pulsar-admin`;

/** Starts a process of a role; its environment is the file of `findEnvironment`. */
export const startCommand = (role: Role): CommandLine =>
  role === 'standalone'
    ? [
        PULSAR,
        'standalone',
        '--no-functions-worker',
        '--no-stream-storage',
        '--metadata-dir',
        `${places.standalone}/metadata`,
        '--bookkeeper-dir',
        `${places.standalone}/bookkeeper`,
      ]
    : [PULSAR, role];

/** Lays the metadata of a cluster down, before its first bookie; where it is already, it stays. */
export const initializeMetadata = (cluster: ClusterDescription): CommandLine => {
  const metadataUrl = writeMetadataUrl(cluster);
  return [
    PULSAR,
    'initialize-cluster-metadata',
    '--cluster',
    cluster.name,
    '--metadata-store',
    metadataUrl,
    '--configuration-metadata-store',
    metadataUrl,
    // It asks for one, which nobody uses: other clusters would.
    '--web-service-url',
    writeWebUrl(cluster),
    '--web-service-url-tls',
    writeWebUrl(cluster),
    '--broker-service-url-tls',
    writeBrokerUrl(cluster),
  ];
};

/** Says in which zone a bookie is: nothing is written before two zones are known. Repeating it changes nothing. */
export const registerRack = ({ host, zone }: NodeDescription): CommandLine => [
  ADMIN,
  'bookies',
  'set-bookie-rack',
  '--bookie',
  `${host}:${ports.bookie}`,
  '--hostname',
  `${host}:${ports.bookie}`,
  '--group',
  'default',
  '--rack',
  `/${zone}`,
];

/** Whose a tenant is: the connector's, and that of the proxies, since brokers ask for the rights of both, proxy and client. */
const setTenant = (verb: 'create' | 'update', cluster: ClusterDescription, tenant: string): CommandLine => [
  ADMIN,
  'tenants',
  verb,
  tenant,
  '--admin-roles',
  [tokenRoles.connector, ...(listNodes(cluster, 'proxy').length > 0 ? [tokenRoles.proxy] : [])].join(','),
  '--allowed-clusters',
  cluster.name,
];

/** A command line of something that is to be there once. */
export interface Preparation {
  /** Ends well where there is nothing left to do. */
  readonly unless?: CommandLine;
  readonly command: CommandLine;
}

/**
 * Prepares the engine's namespace, in this order. The tenant belongs to the connector, which makes topics and sets what it needs by itself,
 * all but one policy: delayed delivery is for superusers to allow.
 *
 * @param namespace - with its tenant, as in `starquake/main`
 */
export const prepareNamespace = (cluster: ClusterDescription, namespace: string): readonly Preparation[] => {
  const [tenant = ''] = namespace.split('/');
  return [
    { unless: [ADMIN, 'tenants', 'get', tenant], command: setTenant('create', cluster, tenant) },
    // Proxies may have come after the tenant.
    ...(listNodes(cluster, 'proxy').length > 0 ? [{ command: setTenant('update', cluster, tenant) }] : []),
    { unless: [ADMIN, 'namespaces', 'policies', namespace], command: [ADMIN, 'namespaces', 'create', namespace] },
    { command: [ADMIN, 'namespaces', 'set-delayed-delivery', namespace, '--enable', '--time', '1s'] },
  ];
};

/** Where a process of a role says whether it does its work, on its own node; ZooKeeper is asked `ruok` at its port and answers `imok`. */
export const healthUrls: Readonly<Record<Exclude<Role, 'zookeeper'>, string>> = {
  bookie: `http://127.0.0.1:${ports.bookieMetrics}/api/v1/bookie/is_ready`,
  broker: `http://127.0.0.1:${ports.localWeb}/status.html`,
  proxy: `http://127.0.0.1:${ports.localWeb}/status.html`,
  standalone: `http://127.0.0.1:${ports.localWeb}/status.html`,
};
