// Runs s3proxy, in memory and on loopback: a server of S3 that, unlike the stand-in of the other tests, holds signed links and forms to what they say.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { BucketPlace } from '../../../src/adapters/s3/object-client.ts';
import { findJars } from '../maven/find-jars.ts';
import { findFreePorts } from '../pulsar/free-port.ts';

/** A server that runs, with an empty bucket. */
export interface S3Proxy {
  readonly place: BucketPlace;
  stop(): Promise<void>;
}

const VERSION = '4.1.0';
const ARTIFACTS = [
  // Maven would choose an older one, which it does not run with.
  { group: 'com.fasterxml.jackson.core', name: 'jackson-annotations', version: '2.21' },
  { group: 'org.gaul', name: 's3proxy', version: VERSION },
];
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'not-to-be-told' };
const BUCKET = 'values';
const READY_TIMEOUT_MS = 60_000;
const PAUSE_MS = 100;
const CALL_TIMEOUT_MS = 2000;
const KEPT_LOG_CHARACTERS = 2000;

const writeSettings = (endpoint: string): string =>
  [
    `s3proxy.endpoint=${endpoint}`,
    's3proxy.authorization=aws-v4',
    `s3proxy.identity=${CREDENTIALS.accessKeyId}`,
    `s3proxy.credential=${CREDENTIALS.secretAccessKey}`,
    'jclouds.provider=transient-nio2',
    'jclouds.identity=nobody',
    'jclouds.credential=nothing',
  ].join('\n');

/** It answers, if only that it knows nobody, once it listens. */
const waitUntilReady = async (endpoint: string, hasEnded: () => boolean, readLog: () => string): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const answers = await fetch(endpoint, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) }).then(
      () => true,
      () => false,
    );
    if (answers) return;
    if (hasEnded() || performance.now() > deadline) throw new Error(`s3proxy did not come up: ${readLog()}`);
    await pause(PAUSE_MS);
  }
};

/**
 * Starts it.
 *
 * @throws Error when it cannot be fetched, or does not come up
 */
export const startS3Proxy = async (): Promise<S3Proxy> => {
  const lib = await findJars(resolve('.starquake', 's3proxy', VERSION), ARTIFACTS);
  const [port = 0] = await findFreePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'starquake-s3proxy-'));
  const settings = join(folder, 's3proxy.conf');
  await writeFile(settings, writeSettings(endpoint));
  const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-cp', join(lib, '*')];
  const server = spawn('java', [...jvm, 'org.gaul.s3proxy.Main', '--properties', settings], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let failure: Error | undefined;
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-KEPT_LOG_CHARACTERS)));
  server.on('error', (error) => (failure = error));
  const hasEnded = (): boolean => failure !== undefined || server.exitCode !== null || server.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (!hasEnded()) {
      const ended = new Promise<void>((done) => server.once('exit', () => done()));
      // All that it keeps is in its memory: there is nothing to end in good order.
      server.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(endpoint, hasEnded, () => failure?.message ?? log);
    const place = { region: 'us-east-1', endpoint, credentials: CREDENTIALS, bucket: BUCKET, forcePathStyle: true };
    const client = new S3Client(place);
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    return { place, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** A server for one test file, or why there is none: that fails in CI, and skips on a laptop. */
export const findS3Proxy = async (): Promise<{ readonly missing: string; readonly use: () => S3Proxy }> => {
  try {
    const server = await startS3Proxy();
    return { missing: '', use: () => server };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    const use = (): never => {
      throw error;
    };
    return { missing: ` (skipped: ${error instanceof Error ? error.message : String(error)})`, use };
  }
};
