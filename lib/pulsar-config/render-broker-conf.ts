// Renders broker.conf: what the engine wants of a broker, copies in different zones, tokens, TLS, and S3 for what is old.
import { clusterSettings, plainSettings, watchedSettings } from '../../src/platform/broker-settings.ts';
import { writeMetadataUrl } from './addresses.ts';
import {
  describeAuthentication,
  describeBacklog,
  describeLedgers,
  describeListening,
  describeMetrics,
  describeOff,
  describeOffload,
  describeOwnClient,
  describeProxies,
  describeTls,
} from './broker-sections.ts';
import { listWanted, writeConf, type ConfSection } from './conf-text.ts';
import type { ClusterDescription, NodeDescription } from './cluster-description.ts';
import { secretFiles } from './places.ts';

const describeCopies = ({ copies, racks }: ClusterDescription): readonly ConfSection[] => [
  {
    about: 'Bookies that a ledger is spread over, that an entry is written to, that have it before it is answered.',
    settings: {
      managedLedgerDefaultEnsembleSize: copies.ensemble,
      managedLedgerDefaultWriteQuorum: copies.write,
      managedLedgerDefaultAckQuorum: copies.ack,
    },
  },
  {
    about: 'A bookie says in which zone it is; an entry whose copies would all be in one is not written.',
    settings: {
      bookkeeperClientRackawarePolicyEnabled: true,
      bookkeeperClientMinNumRacksPerWriteQuorum: racks,
      bookkeeperClientEnforceMinNumRacksPerWriteQuorum: racks > 1,
    },
  },
];

/** The text of broker.conf. */
export const renderBrokerConf = (cluster: ClusterDescription, node: NodeDescription): string => {
  const metadataUrl = writeMetadataUrl(cluster);
  return writeConf(`The broker ${node.name} of ${cluster.name}`, [
    {
      settings: { clusterName: cluster.name, metadataStoreUrl: metadataUrl, configurationMetadataStoreUrl: metadataUrl },
    },
    ...describeListening(node),
    ...listWanted([...watchedSettings, ...plainSettings, ...clusterSettings]),
    {
      about: 'A session that was lost is made anew; the broker need not be restarted for it.',
      settings: { zookeeperSessionExpiredPolicy: 'reconnect' },
    },
    {
      about:
        'Topics of a namespace move from broker to broker in so many parts; on its way out a broker hands them over for up to a minute.',
      settings: { defaultNumberOfNamespaceBundles: cluster.bundles, brokerShutdownTimeoutMs: 60_000 },
    },
    ...describeCopies(cluster),
    ...describeLedgers(node.processes.broker),
    ...describeOffload(cluster.offload),
    ...describeBacklog(cluster),
    describeMetrics(),
    describeAuthentication(cluster),
    ...describeProxies(cluster),
    describeTls(),
    describeOwnClient(secretFiles.brokerToken),
    { settings: { brokerClientTlsEnabled: true } },
    describeOff(),
  ]);
};
