// Renders standalone.conf: a whole Pulsar in one process, with the tokens, TLS and S3 of a cluster.
import { bookieSettings, plainSettings, watchedSettings } from '../../src/platform/broker-settings.ts';
import {
  describeAuthentication,
  describeBacklog,
  describeLedgers,
  describeListening,
  describeMetrics,
  describeOff,
  describeOffload,
  describeOwnClient,
  describeTls,
} from './broker-sections.ts';
import { listWanted, writeConf } from './conf-text.ts';
import type { ClusterDescription, NodeDescription } from './cluster-description.ts';
import { secretFiles } from './places.ts';
import { sizeCaches } from './render-bookkeeper-conf.ts';

/** The text of standalone.conf. */
export const renderStandaloneConf = (cluster: ClusterDescription, node: NodeDescription): string => {
  const memory = node.processes.standalone;
  return writeConf(`The standalone broker ${node.name} of ${cluster.name}`, [
    { settings: { clusterName: cluster.name } },
    ...describeListening(node),
    ...listWanted([...watchedSettings, ...plainSettings, ...bookieSettings]),
    {
      about: 'There is one bookie, in the same process.',
      settings: {
        managedLedgerDefaultEnsembleSize: 1,
        managedLedgerDefaultWriteQuorum: 1,
        managedLedgerDefaultAckQuorum: 1,
        defaultNumberOfNamespaceBundles: cluster.bundles,
      },
    },
    ...(memory === undefined ? [] : [sizeCaches(memory)]),
    ...describeLedgers(memory),
    ...describeOffload(cluster.offload),
    ...describeBacklog(cluster),
    describeMetrics(),
    describeAuthentication(cluster),
    describeTls(),
    describeOwnClient(secretFiles.brokerToken),
    { settings: { brokerClientTlsEnabled: true } },
    describeOff(),
  ]);
};
