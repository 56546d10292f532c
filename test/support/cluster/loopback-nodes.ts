// Puts the files of nodes on one machine: an address of the loopback network each, folders of their own, and the few settings that differ.
import { join } from 'node:path';
import { editConf } from '../../../src/adapters/pulsar-local/edit-conf.ts';
import type { SettingValue } from '../../../src/platform/broker-settings.ts';
import type { ClusterDescription, ConfigFile, NodeDescription, Role } from '../../../lib/pulsar-config/cluster-description.ts';
import { places } from '../../../lib/pulsar-config/places.ts';
import { confFiles } from '../../../lib/pulsar-config/render-environment.ts';

/** A node on this machine. */
export interface LoopbackNode {
  readonly node: NodeDescription;
  readonly address: string;
  /** Holds its files, its data and its logs. */
  readonly folder: string;
  /** Its text with names, addresses and folders as they are here. */
  translate(text: string): string;
}

/** Where things are here. */
export interface LoopbackGround {
  readonly folder: string;
  /** The unpacked distribution. */
  readonly home: string;
  readonly offloaders: string;
  readonly secrets: string;
}

/** A setting that is not as rendered. */
export interface Difference {
  readonly roles: readonly Role[];
  readonly why: string;
  readonly settings: (place: { readonly address: string; readonly s3Endpoint: string }) => Readonly<Record<string, SettingValue>>;
}

/** All of them. What is not here stands as it was synthesized. */
export const differences: readonly Difference[] = [
  {
    roles: ['zookeeper'],
    why: 'All are on one machine: each listens at its own address.',
    settings: ({ address }) => ({ clientPortAddress: address, 'metricsProvider.httpHost': address }),
  },
  {
    roles: ['bookie'],
    why: 'All are on one machine: each listens at its own address of the loopback interface.',
    settings: ({ address }) => ({
      listeningInterface: 'lo',
      allowLoopback: true,
      httpServerHost: address,
      prometheusStatsHttpAddress: address,
    }),
  },
  {
    roles: ['standalone'],
    why: 'The bookie inside keeps to the loopback interface.',
    settings: () => ({ listeningInterface: 'lo', allowLoopback: true }),
  },
  {
    roles: ['bookie', 'standalone'],
    why: 'A small heap, on a machine with little room.',
    settings: () => ({
      dbStorage_writeCacheMaxSizeMb: 32,
      dbStorage_readAheadCacheMaxSizeMb: 16,
      dbStorage_rocksDB_blockCacheSize: 16 * 1024 * 1024,
      journalMaxSizeMB: 64,
      numReadWorkerThreads: 2,
    }),
  },
  {
    roles: ['broker', 'proxy', 'standalone'],
    why: 'All are on one machine: each listens at its own address.',
    settings: ({ address }) => ({ bindAddress: address }),
  },
  {
    roles: ['broker', 'standalone'],
    why: 'A small heap, on a machine with few processors.',
    settings: () => ({ managedLedgerCacheSizeMB: 32, numIOThreads: 2, numHttpServerThreads: 8, numOrderedExecutorThreads: 2 }),
  },
  {
    roles: ['broker', 'standalone'],
    why: 'S3 is a stand-in at an address of its own, where the driver of S3 itself would first ask AWS for the region of the bucket.',
    settings: ({ s3Endpoint }) => ({
      managedLedgerOffloadDriver: 'S3',
      managedLedgerOffloadBucket: 'history',
      managedLedgerOffloadRegion: 'us-east-1',
      managedLedgerOffloadServiceEndpoint: s3Endpoint,
    }),
  },
  {
    roles: ['broker', 'standalone'],
    why: 'Ledgers are full, and go to S3, within a test.',
    settings: () => ({
      managedLedgerOffloadAutoTriggerSizeThresholdBytes: 0,
      managedLedgerMaxEntriesPerLedger: 20,
      managedLedgerMinLedgerRolloverTimeMinutes: 0,
    }),
  },
];

/** Memory of processes here, as Java is told. */
export const smallMemory: Readonly<Record<Role, string>> = {
  zookeeper: '-Xms48m -Xmx96m -XX:MaxDirectMemorySize=48m',
  bookie: '-Xms96m -Xmx224m -XX:MaxDirectMemorySize=192m',
  broker: '-Xms192m -Xmx384m -XX:MaxDirectMemorySize=256m',
  proxy: '-Xms96m -Xmx192m -XX:MaxDirectMemorySize=128m',
  standalone: '-Xms256m -Xmx512m -XX:MaxDirectMemorySize=384m',
};

/** Gives each node an address and a folder. @param lane - second part of the addresses, so that clusters do not meet */
export const placeNodes = (cluster: ClusterDescription, ground: LoopbackGround, lane: number): readonly LoopbackNode[] => {
  const addresses = cluster.nodes.map((_, at) => `127.${lane}.0.${at + 1}`);
  return cluster.nodes.map((node, at) => {
    const folder = join(ground.folder, node.name);
    const moved: readonly (readonly [string, string])[] = [
      ...cluster.nodes.map(({ host }, other) => [host, addresses[other] ?? ''] as const),
      [`${places.conf}/secrets`, ground.secrets],
      [places.conf, join(folder, 'conf')],
      [places.logs, join(folder, 'logs')],
      ...(['zookeeper', 'journal', 'ledgers', 'standalone'] as const).map((name) => [places[name], join(folder, name)] as const),
      [`${places.home}/offloaders`, ground.offloaders],
      [places.home, ground.home],
    ];
    const translate = (text: string): string => moved.reduce((left, [from, to]) => left.replaceAll(from, to), text);
    return { node, address: addresses[at] ?? '', folder, translate };
  });
};

/** A file of a node as it is here. */
export const adaptFile = (placed: LoopbackNode, { path, text }: ConfigFile, s3Endpoint: string): ConfigFile => {
  const role = Object.entries(confFiles).find(([, conf]) => conf.path === path)?.[0];
  const own = differences.filter(({ roles }) => roles.some((candidate) => candidate === role));
  const settings = Object.fromEntries(
    own.flatMap((difference) => Object.entries(difference.settings({ address: placed.address, s3Endpoint }))),
  );
  const translated = placed.translate(text);
  return { path: placed.translate(path), text: own.length === 0 ? translated : editConf(translated, settings) };
};
