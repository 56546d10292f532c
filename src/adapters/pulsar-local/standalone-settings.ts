// The settings of a local broker: what the engine wants of every broker, on loopback only, with small caches.
import { networkInterfaces } from 'node:os';
import { bookieSettings, listValues, plainSettings, watchedSettings, type SettingValue } from '../../platform/broker-settings.ts';

/** Ports of a standalone broker. */
export interface StandalonePorts {
  /** Administration and WebSocket. */
  readonly web: number;
  /** The binary protocol. */
  readonly broker: number;
}

/** Settings of `standalone.conf`, by key. */
export type StandaloneSettings = Readonly<Record<string, SettingValue>>;

const MEBIBYTE = 1024 * 1024;

const LOOPBACK = '127.0.0.1';

/** Settings that differ from those that the distribution comes with. */
export const makeStandaloneSettings = ({ web, broker }: StandalonePorts): StandaloneSettings => ({
  bindAddress: LOOPBACK,
  advertisedAddress: LOOPBACK,
  webServicePort: web,
  brokerServicePort: broker,
  ...listValues(watchedSettings, plainSettings, bookieSettings),
  dbStorage_writeCacheMaxSizeMb: 64,
  dbStorage_readAheadCacheMaxSizeMb: 32,
  dbStorage_rocksDB_blockCacheSize: 16 * MEBIBYTE,
});

/** What keeps its store on the loopback address too, which knows interfaces only. */
export const makeLoopbackSettings = (): StandaloneSettings => {
  const [loopback] =
    Object.entries(networkInterfaces()).find(([, addresses]) => addresses?.some(({ address }) => address === LOOPBACK)) ?? [];
  return loopback === undefined ? {} : { listeningInterface: loopback };
};

/** Memory of the Java process, unless `PULSAR_MEM` says otherwise. */
export const SMALL_MEMORY = '-Xms256m -Xmx512m -XX:MaxDirectMemorySize=512m';
