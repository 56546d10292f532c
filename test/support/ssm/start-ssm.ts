// Runs a server that stands in for Systems Manager, or says why there is none: that fails in CI, and skips on a laptop.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findMoto } from '../offload/find-moto.ts';
import { findFreePorts } from '../pulsar/free-port.ts';

/** A stand-in for Systems Manager. */
export interface SsmStandIn {
  /** What the AWS SDK is to be given. */
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;

/**
 * Starts a stand-in on a port of the loopback address.
 *
 * @throws Error when it cannot be installed, or does not come up
 */
export const startSsm = async (): Promise<SsmStandIn> => {
  const python = await findMoto(resolve('.starquake', 'moto'));
  const [port = 0] = await findFreePorts(1);
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (hasEnded()) return;
    const ended = new Promise<void>((resolveEnd) => server.once('exit', () => resolveEnd()));
    server.kill('SIGKILL');
    await ended;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(endpoint))) {
    if (hasEnded() || performance.now() > deadline) {
      await stop();
      throw new Error('The stand-in for Systems Manager did not come up.');
    }
    await pause(100);
  }
  return { client: { region: 'us-east-1', endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }, stop };
};

const isReady = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/data.json`, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );

const nothing: SsmStandIn = {
  client: { region: '', endpoint: '', credentials: { accessKeyId: '', secretAccessKey: '' } },
  stop: () => Promise.resolve(),
};

/** A server for one test file, and why there is none. */
export const findSsm = async (): Promise<SsmStandIn & { readonly missing: string }> => {
  try {
    return { ...(await startSsm()), missing: '' };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return { ...nothing, missing: ` (skipped: ${error instanceof Error ? error.message : String(error)})` };
  }
};
