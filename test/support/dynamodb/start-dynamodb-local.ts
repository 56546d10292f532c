// Runs DynamoDB's local implementation, in memory and on loopback alone, for as long as a test file needs it.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '../pulsar/free-port.ts';
import { findDynamoDbLocal } from './find-dynamodb-local.ts';

/** A server that runs. */
export interface DynamoDbLocal {
  readonly port: number;
  readonly endpoint: string;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const PAUSE_MS = 100;
const CALL_TIMEOUT_MS = 2000;
const KEPT_LOG_CHARACTERS = 2000;

/** It answers 400 to a request without a target once it listens. */
const waitUntilReady = async (endpoint: string, hasEnded: () => boolean, readLog: () => string): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const answers = await fetch(endpoint, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) }).then(
      () => true,
      () => false,
    );
    if (answers) return;
    if (hasEnded()) throw new Error(`DynamoDB's local implementation has ended: ${readLog()}`);
    if (performance.now() > deadline) throw new Error(`DynamoDB's local implementation was not ready in time: ${readLog()}`);
    await pause(PAUSE_MS);
  }
};

/**
 * Starts a server with no tables.
 *
 * @throws Error when it cannot be fetched, or does not come up
 */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  const lib = await findDynamoDbLocal(resolve('.starquake', 'dynamodb-local'));
  const [port = 0] = await findFreePorts(1);
  const launcher = fileURLToPath(new URL('loopback-server.java', import.meta.url));
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', `-Djava.library.path=${lib}`, '-cp', join(lib, '*')];
  const server = spawn('java', [...jvm, launcher, '-port', String(port), '-inMemory', '-sharedDb', '-disableTelemetry'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  let failure: Error | undefined;
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (data: Buffer) => {
      log = (log + data.toString()).slice(-KEPT_LOG_CHARACTERS);
    });
  }
  server.on('error', (error) => {
    failure = error;
  });
  const hasEnded = (): boolean => failure !== undefined || server.exitCode !== null || server.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (hasEnded()) return;
    const ended = new Promise<void>((done) => server.once('exit', () => done()));
    // All that it keeps is in its memory: there is nothing to end in good order.
    server.kill('SIGKILL');
    await ended;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(endpoint, hasEnded, () => failure?.message ?? log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, endpoint, stop };
};
