// Runs a broker that moves every ledger to the stand-in for S3 as soon as it is full, and has the bookie's copy deleted at once.
import { resolve } from 'node:path';
import { z } from 'zod';
import { findOffloaders } from '../../../src/adapters/pulsar-local/find-offloaders.ts';
import { findFreePorts } from '../pulsar/free-port.ts';
import { startStandalone, type StandalonePulsar } from '../pulsar/start-standalone.ts';
import { startS3, type S3StandIn } from './start-s3.ts';

/** A broker that offloads. */
export interface OffloadingPulsar {
  readonly pulsar: StandalonePulsar;
  readonly s3: S3StandIn;
  /** Ids of the ledgers that the bookie's side still knows. */
  listBookieLedgers(): Promise<ReadonlySet<number>>;
  stop(): Promise<void>;
}

/** Few enough that some hundred runs fill several ledgers of each partition. */
const ENTRIES_PER_LEDGER = 100;

const ledgersSchema = z.record(z.string(), z.unknown());

const listLedgers = async (bookieUrl: string): Promise<ReadonlySet<number>> => {
  const answer = await fetch(`${bookieUrl}/api/v1/ledger/list`, { signal: AbortSignal.timeout(10_000) });
  return new Set(Object.keys(ledgersSchema.parse(await answer.json())).map(Number));
};

/**
 * Starts a stand-in for S3, and a broker that offloads to it.
 *
 * @throws Error when one of them cannot be had, or does not come up
 */
export const startOffloadingPulsar = async (): Promise<OffloadingPulsar> => {
  const offloadersDirectory = await findOffloaders(resolve('.starquake', 'pulsar-offloaders'));
  const s3 = await startS3();
  try {
    const [httpServerPort = 0] = await findFreePorts(1);
    const pulsar = await startStandalone({
      settings: {
        offloadersDirectory,
        managedLedgerOffloadDriver: 'S3',
        managedLedgerOffloadBucket: s3.bucket,
        managedLedgerOffloadRegion: 'us-east-1',
        managedLedgerOffloadServiceEndpoint: s3.endpoint,
        managedLedgerOffloadAutoTriggerSizeThresholdBytes: 0,
        managedLedgerOffloadDeletionLagMs: 0,
        managedLedgerOffloadMaxThreads: 2,
        managedLedgerMaxEntriesPerLedger: ENTRIES_PER_LEDGER,
        managedLedgerMinLedgerRolloverTimeMinutes: 0,
        // What is offloaded is deleted from the bookies when the broker looks over its ledgers.
        retentionCheckIntervalInSeconds: 1,
        // The bookie says by it which ledgers there are.
        httpServerEnabled: true,
        // Said outright, for it cannot read an empty one.
        numIOThreads: 2,
        httpServerHost: '127.0.0.1',
        httpServerPort,
        httpServerClass: 'org.apache.bookkeeper.http.vertx.VertxHttpServer',
      },
      env: { ACCESS_KEY_ID: 'stand-in', ACCESS_KEY_SECRET: 'stand-in' },
    });
    return {
      pulsar,
      s3,
      listBookieLedgers: () => listLedgers(`http://127.0.0.1:${httpServerPort}`),
      stop: async () => {
        await pulsar.stop();
        await s3.stop();
      },
    };
  } catch (error) {
    await s3.stop();
    throw error;
  }
};
