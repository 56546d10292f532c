// The settings of a small cluster on loopback: what each kind of process needs that the distribution's own files say otherwise.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editConf } from '../../../src/adapters/pulsar-local/edit-conf.ts';
import { makeLoopbackSettings, makeStandaloneSettings } from '../../../src/adapters/pulsar-local/standalone-settings.ts';
import { bookieSettings, clusterSettings, listValues, type SettingValue } from '../../../src/platform/broker-settings.ts';

type Settings = Readonly<Record<string, SettingValue>>;

/** The address that everything listens on. */
export const LOOPBACK = '127.0.0.1';

/** Writes a settings file of the distribution with what differs. @returns its path */
export const writeConf = async (home: string, folder: string, name: string, source: string, settings: Settings): Promise<string> => {
  const conf = join(folder, name);
  await writeFile(conf, editConf(await readFile(join(home, 'conf', source), 'utf8'), settings));
  return conf;
};

export const makeZookeeperSettings = (folder: string, port: number): Settings => ({
  dataDir: join(folder, 'zookeeper'),
  clientPort: port,
  clientPortAddress: LOOPBACK,
  'admin.enableServer': false,
  'metricsProvider.className': 'org.apache.zookeeper.metrics.impl.NullMetricsProvider',
  // The shortest session that it grants is two of these.
  tickTime: 1000,
});

export const makeBookieSettings = (folder: string, index: number, port: number, metadataUrl: string): Settings => ({
  bookiePort: port,
  metadataServiceUri: `metadata-store:${metadataUrl}`,
  zkTimeout: 6000,
  advertisedAddress: LOOPBACK,
  ...makeLoopbackSettings(),
  allowLoopback: true,
  journalDirectory: join(folder, `bookie-${index}`, 'journal'),
  ledgerDirectories: join(folder, `bookie-${index}`, 'ledgers'),
  // Their figures would all be offered on one port of every address.
  statsProviderClass: 'org.apache.bookkeeper.stats.NullStatsProvider',
  // A killed bookie comes back with its data.
  autoRecoveryDaemonEnabled: false,
  journalMaxSizeMB: 64,
  ...listValues(bookieSettings),
  numReadWorkerThreads: 2,
  numHighPriorityWorkerThreads: 1,
  numJournalCallbackThreads: 1,
  dbStorage_writeCacheMaxSizeMb: 64,
  dbStorage_readAheadCacheMaxSizeMb: 32,
  dbStorage_rocksDB_blockCacheSize: 16_777_216,
});

export const makeBrokerSettings = (web: number, broker: number, metadataUrl: string): Settings => ({
  ...makeStandaloneSettings({ web, broker }),
  clusterName: 'loopback',
  metadataStoreUrl: metadataUrl,
  configurationMetadataStoreUrl: metadataUrl,
  ...listValues(clusterSettings),
  // With three bookies a third copy could not be written once one of them is gone.
  managedLedgerDefaultEnsembleSize: 2,
  managedLedgerDefaultWriteQuorum: 2,
  managedLedgerDefaultAckQuorum: 2,
  defaultNumberOfNamespaceBundles: 8,
  // Bundles stay where the tests put them.
  loadBalancerSheddingEnabled: false,
  loadBalancerAutoBundleSplitEnabled: false,
  numIOThreads: 2,
  numOrderedExecutorThreads: 2,
  numHttpServerThreads: 8,
  numExecutorThreadPoolSize: 2,
  numCacheExecutorThreadPoolSize: 2,
  bookkeeperClientNumWorkerThreads: 2,
  bookkeeperClientNumIoThreads: 2,
  webSocketNumIoThreads: 2,
  webSocketNumServiceThreads: 2,
  managedLedgerCacheSizeMB: 32,
});
