// The one list of settings of a local broker: loopback only, answers at once, makes no topic unasked, small caches.
import { networkInterfaces } from 'node:os';

/** Ports of a standalone broker. */
export interface StandalonePorts {
  /** Administration and WebSocket. */
  readonly web: number;
  /** The binary protocol. */
  readonly broker: number;
}

/** Settings of `standalone.conf`, by key. */
export type StandaloneSettings = Readonly<Record<string, string | number | boolean>>;

const MEBIBYTE = 1024 * 1024;

const LOOPBACK = '127.0.0.1';

/** Settings that differ from those that the distribution comes with. */
export const makeStandaloneSettings = ({ web, broker }: StandalonePorts): StandaloneSettings => ({
  bindAddress: LOOPBACK,
  advertisedAddress: LOOPBACK,
  webServicePort: web,
  brokerServicePort: broker,
  webSocketServiceEnabled: true,
  // A message that finds an idle reader would wait for this.
  managedLedgerNewEntriesCheckDelayInMillis: 0,
  // Else the journal gathers writes for a moment before it flushes them, also when nothing more is on its way.
  journalFlushWhenQueueEmpty: true,
  delayedDeliveryTickTimeMillis: 100,
  // Else a queue with 50,000 delayed messages whose times only grow is not read any more until the first of them is due.
  delayedDeliveryFixedDelayDetectionLookahead: 0,
  // What a new owner of a partition waits, out of regard for the old one; the commit is the lock here, not the ownership.
  activeConsumerFailoverDelayTimeMillis: 100,
  // Texts are JSON with the body in base64: a third more than the body.
  webSocketMaxTextFrameSize: 8 * MEBIBYTE,
  // Else an ack within a batch waits for the rest of it, and the next owner of the partition gets the whole batch again.
  acknowledgmentAtBatchIndexLevelEnabled: true,
  allowAutoTopicCreation: false,
  brokerDeleteInactiveTopicsEnabled: false,
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
