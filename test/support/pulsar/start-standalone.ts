// Runs a broker of the official distribution, standalone, in a data folder of its own, with settings for low latency.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { editConf } from '../../../src/adapters/pulsar-local/edit-conf.ts';
import { findDistribution } from '../../../src/adapters/pulsar-local/find-distribution.ts';
import { findFreePorts } from './free-port.ts';

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

const SMALL_MEMORY = '-Xms256m -Xmx512m -XX:MaxDirectMemorySize=512m';
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL = 2000;
const LOG = 'broker.log';

interface Ports {
  readonly web: number;
  readonly broker: number;
  readonly bookie: number;
}

const writeConf = async (home: string, folder: string, { web, broker }: Ports): Promise<string> => {
  const conf = join(folder, 'standalone.conf');
  const text = await readFile(join(home, 'conf', 'standalone.conf'), 'utf8');
  const settings = {
    bindAddress: '127.0.0.1',
    advertisedAddress: '127.0.0.1',
    webServicePort: web,
    brokerServicePort: broker,
    webSocketServiceEnabled: true,
    // A message that finds an idle reader would wait for this.
    managedLedgerNewEntriesCheckDelayInMillis: 0,
    delayedDeliveryTickTimeMillis: 100,
    // What a new owner of a partition waits, out of regard for the old one; the commit is the lock here, not the ownership.
    activeConsumerFailoverDelayTimeMillis: 100,
    // Texts are JSON with the body in base64: a third more than the body.
    webSocketMaxTextFrameSize: 8_388_608,
    allowAutoTopicCreation: false,
    brokerDeleteInactiveTopicsEnabled: false,
    dbStorage_writeCacheMaxSizeMb: 64,
    dbStorage_readAheadCacheMaxSizeMb: 32,
    dbStorage_rocksDB_blockCacheSize: 16_777_216,
  };
  await writeFile(conf, editConf(text, settings));
  return conf;
};

const launch = (home: string, folder: string, conf: string, { bookie }: Ports): ChildProcess => {
  const log = openSync(join(folder, 'logs', LOG), 'a');
  const broker = spawn(
    join(home, 'bin', 'pulsar'),
    [
      'standalone',
      '--no-functions-worker',
      '--no-stream-storage',
      '--metadata-dir',
      join(folder, 'metadata'),
      '--bookkeeper-dir',
      join(folder, 'bookkeeper'),
      '--bookkeeper-port',
      String(bookie),
    ],
    {
      cwd: folder,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        PULSAR_MEM: process.env['PULSAR_MEM'] ?? SMALL_MEMORY,
        PULSAR_STANDALONE_CONF: conf,
        PULSAR_LOG_DIR: join(folder, 'logs'),
        PULSAR_LOG_LEVEL: 'warn',
        PULSAR_LOG_APPENDER: 'Console',
        // What it unpacks goes with its data, also when it is killed.
        PULSAR_EXTRA_OPTS: `-Djava.io.tmpdir=${join(folder, 'tmp')} -Dpulsar.allocator.exit_on_oom=true`,
      },
    },
  );
  closeSync(log);
  return broker;
};

const readLog = async (folder: string): Promise<string> => {
  const text = await readFile(join(folder, 'logs', LOG), 'utf8').catch(() => '(it wrote no log)');
  return text.slice(-LOG_TAIL);
};

const isHealthy = (webUrl: string): Promise<boolean> =>
  fetch(`${webUrl}/admin/v2/brokers/health`, { signal: AbortSignal.timeout(5000) }).then(
    async (answer) => answer.ok && (await answer.text()) === 'ok',
    () => false,
  );

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const waitUntilHealthy = async (webUrl: string, broker: ChildProcess, folder: string): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isHealthy(webUrl))) {
    if (broker.exitCode !== null || broker.signalCode !== null)
      throw new Error(`The broker ended with ${broker.exitCode ?? broker.signalCode}:\n${await readLog(folder)}`);
    if (performance.now() > deadline) throw new Error(`The broker was not ready in time:\n${await readLog(folder)}`);
    await pause(250);
  }
};

const end = async (broker: ChildProcess): Promise<void> => {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => broker.once('exit', () => resolve()));
  broker.kill('SIGTERM');
  const timer = setTimeout(() => broker.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
};

/**
 * Starts a broker and waits until it is healthy.
 *
 * @throws Error, with the end of its log, when it does not come up
 */
export const startStandalone = async (): Promise<StandalonePulsar> => {
  const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
  const folder = await mkdtemp(join(tmpdir(), 'starquake-pulsar-'));
  await Promise.all(['logs', 'tmp'].map((name) => mkdir(join(folder, name))));
  const [web = 0, broker = 0, bookie = 0] = await findFreePorts(3);
  const ports = { web, broker, bookie };
  const conf = await writeConf(home, folder, ports);
  const webUrl = `http://127.0.0.1:${web}`;
  let running: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    running = launch(home, folder, conf, ports);
    await waitUntilHealthy(webUrl, running, folder);
  };
  const stop = async (): Promise<void> => {
    if (running) await end(running);
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
      if (running) await end(running);
      await start();
    },
    stop,
  };
};
