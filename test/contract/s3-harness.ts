// Opens the S3 payload store for a test file: one stand-in for S3, a proxy before it that spoils requests.
import { afterAll } from 'vitest';
import { createObjectClient, type BucketPlace, type ObjectClient } from '../../src/adapters/s3/object-client.ts';
import { createS3PayloadStore, type S3PayloadStore } from '../../src/adapters/s3/s3-payload-store.ts';
import type { Harness } from './harness.ts';
import { openFaultProxy, type FaultProxy } from '../support/dynamodb/fault-proxy.ts';
import { makeShiftedClock, type ShiftedClock } from '../support/dynamodb/shifted-clock.ts';
import { startS3 } from '../support/offload/start-s3.ts';

/** A stand-in behind a proxy. */
export interface FoundBucket {
  /** By way of the proxy. */
  readonly place: BucketPlace;
  readonly proxy: FaultProxy;
}

/** A stand-in for one test file, or why there is none: that fails in CI, and skips on a laptop. */
export interface FoundS3 {
  /** A reason to put behind a name; empty when there is one. */
  readonly missing: string;
  use(): FoundBucket;
}

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'not-to-be-told' };

/** Starts a stand-in now, and stops it after the file's last test. */
export const findS3 = async (): Promise<FoundS3> => {
  try {
    const s3 = await startS3();
    const proxy = await openFaultProxy(Number(new URL(s3.endpoint).port));
    afterAll(async () => {
      await proxy.stop();
      await s3.stop();
    });
    const place = { region: 'us-east-1', credentials: CREDENTIALS, bucket: s3.bucket, forcePathStyle: true, endpoint: proxy.endpoint };
    return { missing: '', use: () => ({ place, proxy }) };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    const use = (): never => {
      throw error;
    };
    return { missing: ` (skipped: ${error instanceof Error ? error.message : String(error)})`, use };
  }
};

/** A harness that knows its parts. */
export interface S3Harness extends Harness<S3PayloadStore> {
  readonly clock: ShiftedClock;
  readonly client: ObjectClient;
}

/** Opens a store on the bucket of the stand-in. */
export const openS3 = async ({ place, proxy }: FoundBucket): Promise<S3Harness> => {
  proxy.clear();
  const clock = makeShiftedClock();
  const client = createObjectClient(place);
  let port = createS3PayloadStore({ client, clock });
  return {
    get port() {
      return port;
    },
    client,
    clock,
    passTime: async (ms) => clock.advance(ms),
    quiet: async () => undefined,
    reopen: async () => {
      port = createS3PayloadStore({ client, clock });
    },
    close: async () => {
      proxy.clear();
      client.close();
    },
  };
};
