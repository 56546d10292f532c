// Renders bookkeeper.conf: what is answered is on disk, copies are in different zones, and an empty replacement fills itself.
import { bookieSettings } from '../../src/platform/broker-settings.ts';
import { writeBookieMetadataUri } from './addresses.ts';
import { listWanted, writeConf, type ConfSection } from './conf-text.ts';
import type { ClusterDescription, NodeDescription, ProcessMemory } from './cluster-description.ts';
import { places, ports } from './places.ts';

const MEBIBYTE = 1024 * 1024;
/** The largest message of a broker, and what BookKeeper puts around it. */
const LARGEST_FRAME = 5 * MEBIBYTE + 10 * 1024;

/** Caches of a bookie, by the memory outside of its heap. */
export const sizeCaches = ({ directMib }: ProcessMemory): ConfSection => ({
  about: 'A quarter of the memory outside of the heap each; the index has its own beside it.',
  settings: {
    dbStorage_writeCacheMaxSizeMb: Math.floor(directMib / 4),
    dbStorage_readAheadCacheMaxSizeMb: Math.floor(directMib / 4),
    dbStorage_rocksDB_blockCacheSize: Math.floor(directMib / 10) * MEBIBYTE,
  },
});

const placement = ({ racks }: ClusterDescription): ConfSection => ({
  about: 'What was lost is copied again to where the copies of an entry are in different zones.',
  settings: {
    autoRecoveryDaemonEnabled: true,
    ensemblePlacementPolicy: 'org.apache.bookkeeper.client.RackawareEnsemblePlacementPolicy',
    reppDnsResolverClass: 'org.apache.pulsar.bookie.rackawareness.BookieRackAffinityMapping',
    minNumRacksPerWriteQuorum: racks,
    enforceMinNumRacksPerWriteQuorum: racks > 1,
  },
});

const onDisk: ConfSection = {
  about: 'An entry is on disk before it is answered. A log file that was taken over into the ledgers is removed.',
  settings: {
    journalSyncData: true,
    journalWriteData: true,
    journalAdaptiveGroupWrites: true,
    journalMaxGroupWaitMSec: 1,
    journalMaxSizeMB: 1024,
    journalMaxBackups: 0,
    journalRemoveFromPageCache: true,
    flushInterval: 60_000,
  },
};

const space: readonly ConfSection[] = [
  {
    about: 'A disk that is nearly full is read only, before it is full.',
    settings: { readOnlyModeEnabled: true, diskUsageThreshold: 0.92, diskUsageWarnThreshold: 0.85, diskCheckInterval: 10_000 },
  },
  {
    about: 'How disk space of deleted ledgers is won back.',
    settings: {
      gcWaitTime: 300_000,
      minorCompactionThreshold: 0.2,
      minorCompactionInterval: 3600,
      majorCompactionThreshold: 0.5,
      majorCompactionInterval: 86_400,
      isForceGCAllowWhenNoSpace: true,
    },
  },
];

/** The text of bookkeeper.conf. */
export const renderBookkeeperConf = (cluster: ClusterDescription, { name, host, processes }: NodeDescription): string =>
  writeConf(`The bookie ${name} of ${cluster.name}`, [
    {
      about: 'Its name stays with it when the machine is replaced.',
      settings: { bookiePort: ports.bookie, advertisedAddress: host, useHostNameAsBookieID: true },
    },
    {
      about:
        'Where metadata is. A bookie that loses its session ends: these milliseconds let it survive an election of ZooKeeper and a pause.\nNobody waits for them when it is lost: what writes to it turns to another at once.',
      settings: { metadataServiceUri: writeBookieMetadataUri(cluster), zkTimeout: 30_000 },
    },
    {
      about: 'Log and ledgers are on disks of their own.',
      settings: { journalDirectories: places.journal, ledgerDirectories: places.ledgers },
    },
    onDisk,
    ...listWanted(bookieSettings),
    { settings: { ledgerStorageClass: 'org.apache.bookkeeper.bookie.storage.ldb.DbLedgerStorage' } },
    ...(processes.bookie === undefined ? [] : [sizeCaches(processes.bookie)]),
    placement(cluster),
    {
      about: 'Seconds that a lost bookie has to come back in before its entries are copied: longer than a restart or a replacement takes.',
      settings: { lostBookieRecoveryDelay: 900, openLedgerRereplicationGracePeriod: 30_000 },
    },
    {
      about: 'Every ten minutes one of them counts the ledgers that have lacked a copy for twenty, which an alarm watches.',
      settings: { auditorPeriodicPlacementPolicyCheckInterval: 600, underreplicatedLedgerRecoveryGracePeriod: 1200 },
    },
    {
      about:
        'A bookie whose disks are empty, being new, takes its place over and copies what it should have from the others;\nuntil then it says that it does not know, not that there is nothing.',
      settings: { dataIntegrityChecking: true, dataIntegrityStampMissingCookies: true },
    },
    ...space,
    { about: 'The largest message of a broker fits in.', settings: { nettyMaxFrameSizeBytes: LARGEST_FRAME } },
    {
      about: 'Health and figures, for the node itself.',
      settings: {
        httpServerEnabled: true,
        httpServerHost: '127.0.0.1',
        httpServerPort: ports.bookieMetrics,
        httpServerClass: 'org.apache.bookkeeper.http.vertx.VertxHttpServer',
        statsProviderClass: 'org.apache.bookkeeper.stats.prometheus.PrometheusMetricsProvider',
        prometheusStatsHttpAddress: '127.0.0.1',
        prometheusStatsHttpPort: ports.bookieMetrics,
      },
    },
  ]);
