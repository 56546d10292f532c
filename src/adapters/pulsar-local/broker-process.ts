// A standalone broker of the distribution as a process: how it is started, whether it still runs, how it is ended.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { editConf } from './edit-conf.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';
import {
  makeLoopbackSettings,
  makeStandaloneSettings,
  SMALL_MEMORY,
  type StandalonePorts,
  type StandaloneSettings,
} from './standalone-settings.ts';

/** What a broker is started with. */
export interface BrokerLaunch {
  /** A folder of an unpacked distribution. */
  readonly home: string;
  /** Holds its data, its log and its settings. */
  readonly folder: string;
  readonly ports: StandalonePorts;
  /** The environment to start it in; `PULSAR_MEM` sets its memory. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** It goes on when this process, or its terminal, ends. */
  readonly detached: boolean;
  /** Laid over its settings. */
  readonly settings?: StandaloneSettings;
}

/** A command line. */
export interface BrokerCommand {
  readonly command: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How the end of a process came. */
export type ProcessEnd = 'ended' | 'killed';

/** All that a broker makes in its folder. */
export const BROKER_FILES = ['bookkeeper', 'logs', 'metadata', 'standalone.conf', 'tmp'] as const;

const LOG_TAIL = 2000;
const PAUSE_MS = 100;
/** A kill may leave metadata that the next start does not get over: a broker gets all the time that it may want. */
const STOP_TIMEOUT_MS = 60_000;
const KILL_TIMEOUT_MS = 10_000;

/** The file that a broker of this folder writes its log to. */
export const findLog = (folder: string): string => join(folder, 'logs', 'broker.log');

/** The end of the log of a broker. */
export const readLogEnd = async (folder: string): Promise<string> => {
  const text = await readFile(findLog(folder), 'utf8').catch(() => '(it wrote no log)');
  return text.slice(-LOG_TAIL);
};

/** The command line of a standalone broker. */
export const makeBrokerCommand = ({ home, folder, environment }: Pick<BrokerLaunch, 'home' | 'folder' | 'environment'>): BrokerCommand => ({
  command: join(home, 'bin', 'pulsar'),
  words: [
    'standalone',
    '--no-functions-worker',
    '--no-stream-storage',
    '--metadata-dir',
    join(folder, 'metadata'),
    '--bookkeeper-dir',
    join(folder, 'bookkeeper'),
  ],
  environment: {
    ...environment,
    PULSAR_MEM: environment['PULSAR_MEM'] ?? SMALL_MEMORY,
    PULSAR_STANDALONE_CONF: join(folder, 'standalone.conf'),
    PULSAR_LOG_DIR: join(folder, 'logs'),
    PULSAR_LOG_LEVEL: 'warn',
    PULSAR_LOG_APPENDER: 'Console',
    // What it unpacks goes with its data, also when it is killed.
    PULSAR_EXTRA_OPTS: `-Djava.io.tmpdir=${join(folder, 'tmp')} -Dpulsar.allocator.exit_on_oom=true`,
  },
});

const untilSpawned = (child: ChildProcess, command: string): Promise<number> =>
  new Promise((done, reject) => {
    child.once('error', (error) => reject(new StarquakeError('PULSAR_FAILED', `${command} cannot be started.`, { cause: error })));
    child.once('spawn', () => done(child.pid ?? 0));
  });

/**
 * Starts a broker on the data of its folder, and does not wait until it is up.
 *
 * @throws PULSAR_FAILED when it ends at once
 */
export const launchBroker = async (launch: BrokerLaunch): Promise<ProcessIdentity> => {
  const folder = resolve(launch.folder);
  const home = resolve(launch.home);
  for (const name of ['logs', 'tmp']) await mkdir(join(folder, name), { recursive: true });
  const conf = await readFile(join(home, 'conf', 'standalone.conf'), 'utf8');
  await writeFile(
    join(folder, 'standalone.conf'),
    editConf(conf, { ...makeStandaloneSettings(launch.ports), ...makeLoopbackSettings(), ...launch.settings }),
  );
  const { command, words, environment } = makeBrokerCommand({ ...launch, home, folder });
  const log = openSync(findLog(folder), 'a');
  try {
    const child = spawn(command, words, { cwd: folder, stdio: ['ignore', log, log], env: environment, detached: launch.detached });
    const pid = await untilSpawned(child, command);
    if (launch.detached) child.unref();
    const identity = await identifyProcess(pid);
    if (identity !== undefined) return identity;
  } finally {
    closeSync(log);
  }
  throw new StarquakeError('PULSAR_FAILED', `The broker ended at once. The end of its log:\n${await readLogEnd(folder)}`);
};

/** Sends a signal; a process that is gone meanwhile needs none. */
const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const waitForEnd = async (identity: ProcessIdentity, timeoutMs: number): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  while (await isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await setTimeout(PAUSE_MS);
  }
  return true;
};

/**
 * Ends a process and waits until it is gone; one that has its number only is left alone.
 *
 * @param timeoutMs - to end by itself in; then it is killed
 * @throws PULSAR_FAILED when it does not even end by a kill
 */
export const endProcess = async (identity: ProcessIdentity, timeoutMs = STOP_TIMEOUT_MS): Promise<ProcessEnd> => {
  if (!(await isRunning(identity))) return 'ended';
  send(identity.pid, 'SIGTERM');
  if (await waitForEnd(identity, timeoutMs)) return 'ended';
  send(identity.pid, 'SIGKILL');
  if (await waitForEnd(identity, KILL_TIMEOUT_MS)) return 'killed';
  throw new StarquakeError('PULSAR_FAILED', `Process ${identity.pid} does not end, although it was killed.`);
};
