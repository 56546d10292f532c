// Runs a local broker for tests: on free ports, in a data folder of its own that goes when it goes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitUntilHealthy } from '../../../src/adapters/pulsar-local/broker-health.ts';
import { endProcess, launchBroker, readLogEnd } from '../../../src/adapters/pulsar-local/broker-process.ts';
import { findDistribution } from '../../../src/adapters/pulsar-local/find-distribution.ts';
import { isRunning, type ProcessIdentity } from '../../../src/adapters/pulsar-local/process-identity.ts';
import { findFreePorts } from './free-port.ts';

/** What one broker has that the others have not. */
export interface StandaloneExtras {
  /** Laid over its settings, by their names in `standalone.conf`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Laid over the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A broker that runs. */
export interface StandalonePulsar {
  /** Its web service: administration and WebSocket. */
  readonly webUrl: string;
  /** Its binary protocol. */
  readonly brokerUrl: string;
  readonly pid: number;
  /** Ends it and starts it again on the same data. Not by a kill: the metadata store of a standalone broker may not get over one. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A machine that has nothing else to do takes 12 s; one that tests keep busy, minutes. */
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 20_000;

/**
 * Starts a broker and waits until it is healthy.
 *
 * @throws PULSAR_MISSING, or PULSAR_FAILED with the end of its log
 */
export const startStandalone = async ({ settings = {}, env = {} }: StandaloneExtras = {}): Promise<StandalonePulsar> => {
  const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
  const folder = await mkdtemp(join(tmpdir(), 'starquake-pulsar-'));
  const [web = 0, broker = 0] = await findFreePorts(2);
  const launch = { home, folder, ports: { web, broker }, settings, environment: { ...process.env, ...env }, detached: false };
  const webUrl = `http://127.0.0.1:${web}`;
  let running: ProcessIdentity | undefined;
  const start = async (): Promise<void> => {
    const started = await launchBroker(launch);
    running = started;
    const isAlive = (): Promise<boolean> => isRunning(started);
    await waitUntilHealthy({ webUrl, timeoutMs: READY_TIMEOUT_MS, isAlive, readLog: () => readLogEnd(folder) });
  };
  const end = async (): Promise<void> => void (running && (await endProcess(running, STOP_TIMEOUT_MS)));
  const stop = async (): Promise<void> => {
    await end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    webUrl,
    brokerUrl: `pulsar://127.0.0.1:${broker}`,
    get pid() {
      return running?.pid ?? 0;
    },
    restart: async () => {
      await end();
      await start();
    },
    stop,
  };
};
