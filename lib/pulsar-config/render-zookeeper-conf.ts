// Renders zookeeper.conf: a quorum that ends sessions soon enough for a lost broker's partitions to be back within seconds.
import { writeConf } from './conf-text.ts';
import { listNodes, type ClusterDescription, type ConfigFile, type NodeDescription } from './cluster-description.ts';
import { places, ports } from './places.ts';

/** The text of zookeeper.conf; the same on all of them. */
export const renderZookeeperConf = (cluster: ClusterDescription): string =>
  writeConf(`ZooKeeper of ${cluster.name}`, [
    {
      about: 'Milliseconds of a tick. A session lasts two of them at the least: brokers ask for six seconds, bookies for thirty.',
      settings: { tickTime: 1000, initLimit: 20, syncLimit: 10, maxSessionTimeout: 40_000 },
    },
    {
      about: 'What was answered is on disk. Old snapshots are removed every hour.',
      settings: { dataDir: places.zookeeper, forceSync: 'yes', 'autopurge.snapRetainCount': 3, 'autopurge.purgeInterval': 1 },
    },
    {
      about: 'Administration is by commands at the client port; no web service.',
      settings: { clientPort: ports.zookeeper, 'admin.enableServer': false },
    },
    {
      about: 'For the agent on the node itself.',
      settings: {
        'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
        'metricsProvider.httpHost': '127.0.0.1',
        'metricsProvider.httpPort': ports.zookeeperMetrics,
        'metricsProvider.exportJvmInfo': true,
      },
    },
    {
      about: 'The quorum. A number stays with its node for ever: it is in its file `myid`.',
      settings: {
        standaloneEnabled: false,
        reconfigEnabled: false,
        ...Object.fromEntries(
          listNodes(cluster, 'zookeeper').map(({ host }, at) => [
            `server.${at + 1}`,
            `${host}:${ports.zookeeperPeers}:${ports.zookeeperElection}`,
          ]),
        ),
      },
    },
  ]);

/** The number of a node in the quorum, in the file that ZooKeeper reads it from. */
export const renderZookeeperId = (cluster: ClusterDescription, node: NodeDescription): ConfigFile => {
  const at = listNodes(cluster, 'zookeeper').findIndex(({ name }) => name === node.name);
  return { path: `${places.zookeeper}/myid`, text: `${at + 1}\n` };
};
