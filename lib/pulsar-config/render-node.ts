// Renders all files of a node, whatever runs on it.
import { listRoles, type ClusterDescription, type ConfigFile, type NodeDescription, type Role } from './cluster-description.ts';
import { places } from './places.ts';
import { renderBookkeeperConf } from './render-bookkeeper-conf.ts';
import { renderBrokerConf } from './render-broker-conf.ts';
import { renderClientConf } from './render-client-conf.ts';
import {
  clientConf,
  confFiles,
  findEnvironment,
  renderEnvironment,
  renderToolsEnvironment,
  toolsEnvironment,
} from './render-environment.ts';
import { renderProxyConf } from './render-proxy-conf.ts';
import { renderStandaloneConf } from './render-standalone-conf.ts';
import { renderZookeeperConf, renderZookeeperId } from './render-zookeeper-conf.ts';

const renderers: Readonly<Record<Role, (cluster: ClusterDescription, node: NodeDescription) => string>> = {
  zookeeper: renderZookeeperConf,
  bookie: renderBookkeeperConf,
  broker: renderBrokerConf,
  proxy: renderProxyConf,
  standalone: renderStandaloneConf,
};

/**
 * All files of a node, in no order that matters. None of them is secret.
 *
 * @example
 * const cluster = describeCluster(settings, { offloadBucket: 'starquake-offload' });
 * for (const node of cluster.nodes) for (const { path, text } of renderNode(cluster, node)) console.log(node.name, path, text.length);
 */
export const renderNode = (cluster: ClusterDescription, node: NodeDescription): readonly ConfigFile[] => {
  const roles = listRoles(node);
  return [
    ...roles.map((role) => ({ path: confFiles[role].path, text: renderers[role](cluster, node) })),
    ...roles.map((role) => ({ path: findEnvironment(role), text: renderEnvironment(node, role) })),
    ...(roles.includes('zookeeper') ? [renderZookeeperId(cluster, node)] : []),
    { path: toolsEnvironment, text: renderToolsEnvironment() },
    { path: clientConf, text: renderClientConf(cluster) },
    { path: places.status, text: 'OK\n' },
  ];
};
