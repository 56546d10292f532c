// Runs a server that stands in for S3, with one bucket, behind a gate.
import { spawn } from 'node:child_process';
import { resolve as resolvePath } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findFreePorts } from '../pulsar/free-port.ts';
import { findMoto } from './find-moto.ts';
import { openGate } from './open-gate.ts';

/** What lies in the bucket. */
export interface StoredObjects {
  readonly objects: number;
  readonly bytes: number;
}

/** A stand-in for S3 that runs. */
export interface S3StandIn {
  readonly endpoint: string;
  readonly bucket: string;
  /** Bytes that it has answered so far. */
  readonly answeredBytes: number;
  /** Makes it unreachable, with all that it keeps. */
  cut(): Promise<void>;
  /** Makes it reachable again. */
  mend(): Promise<void>;
  countObjects(): Promise<StoredObjects>;
  stop(): Promise<void>;
}

const BUCKET = 'history';
const READY_TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;

const call = (url: string, method = 'GET'): Promise<Response> => fetch(url, { method, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });

/** Makes the bucket, which a server that is ready does at once. */
const makeBucket = async (url: string, hasEnded: () => boolean): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const made = await call(url, 'PUT').then(
      ({ ok }) => ok,
      () => false,
    );
    if (made) return;
    if (hasEnded()) throw new Error('The stand-in for S3 has ended.');
    if (performance.now() > deadline) throw new Error('The stand-in for S3 was not ready in time.');
    await pause(200);
  }
};

const countObjects = async (url: string): Promise<StoredObjects> => {
  const listed = await call(`${url}?list-type=2`);
  const sizes = [...(await listed.text()).matchAll(/<Size>(\d+)<\/Size>/g)].map(([, size]) => Number(size));
  return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
};

/**
 * Starts a stand-in for S3.
 *
 * @throws Error when it cannot be installed, or does not come up
 */
export const startS3 = async (): Promise<S3StandIn> => {
  const python = await findMoto(resolvePath('.starquake', 'moto'));
  const [port = 0] = await findFreePorts(1);
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
  const end = async (): Promise<void> => {
    if (hasEnded()) return;
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    // All that it keeps is in its memory: there is nothing to end in good order.
    server.kill('SIGKILL');
    await ended;
  };
  const bucketUrl = `http://127.0.0.1:${port}/${BUCKET}`;
  try {
    await makeBucket(bucketUrl, hasEnded);
    const gate = await openGate(port);
    return {
      endpoint: `http://localhost:${gate.port}`,
      bucket: BUCKET,
      get answeredBytes() {
        return gate.answeredBytes;
      },
      cut: () => gate.shut(),
      mend: () => gate.reopen(),
      countObjects: () => countObjects(bucketUrl),
      stop: async () => {
        await gate.shut();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
};
