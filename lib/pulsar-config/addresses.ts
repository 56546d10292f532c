// Writes the addresses of a cluster the way Pulsar reads them.
import { listNodes, type ClusterDescription, type NodeDescription } from './cluster-description.ts';
import { ports } from './places.ts';

const listHosts = (nodes: readonly NodeDescription[], port: number): string => nodes.map(({ host }) => `${host}:${port}`).join(',');

const listBrokers = (cluster: ClusterDescription): readonly NodeDescription[] => [
  ...listNodes(cluster, 'broker'),
  ...listNodes(cluster, 'standalone'),
];

/** Where metadata is. @example writeMetadataUrl(cluster); // 'zk:zookeeper-1.starquake.internal:2181,zookeeper-2.…' */
export const writeMetadataUrl = (cluster: ClusterDescription): string =>
  `zk:${listHosts(listNodes(cluster, 'zookeeper'), ports.zookeeper)}`;

/** The same for a bookie: its file takes a comma for the end of the value, and what comes after it for other values. */
export const writeBookieMetadataUri = (cluster: ClusterDescription): string =>
  `metadata-store:${writeMetadataUrl(cluster).replaceAll(',', ';')}`;

/** Administration and WebSocket of all brokers, for clients that take a list. */
export const writeWebUrl = (cluster: ClusterDescription): string => `https://${listHosts(listBrokers(cluster), ports.web)}`;

/** The binary protocol of all brokers, for clients that take a list. */
export const writeBrokerUrl = (cluster: ClusterDescription): string => `pulsar+ssl://${listHosts(listBrokers(cluster), ports.broker)}`;
