// A Pulsar of one's own on this machine: brought up, looked at and taken down by commands that each last only a moment.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { lockFolder } from '../embedded/files/folder-lock.ts';
import { isHealthy, readBrokerVersion, waitUntilHealthy } from './broker-health.ts';
import { BrokerContainer, findContainerEngine, runCommand, type RunCommand } from './broker-container.ts';
import { BROKER_FILES, endProcess, findLog, launchBroker, readLogEnd, type ProcessEnd } from './broker-process.ts';
import { findDistribution } from './find-distribution.ts';
import { readRecord, RECORD_FILE, writeRecord, type LocalRecord } from './local-record.ts';
import { isRunning, readMemoryMb } from './process-identity.ts';
import type { StandalonePorts } from './standalone-settings.ts';

/** Where the broker is kept, and what it may be started from. */
export interface LocalPulsarOptions {
  /** Holds its data, its log and what is remembered of it. */
  readonly folder: string;
  /** Holds distributions that were fetched, one folder a version. */
  readonly fetched: string;
  /** The environment: `PULSAR_HOME` and `PULSAR_MEM` are looked for there, and the broker is started in it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How commands of a container engine are run. */
  readonly run?: RunCommand;
}

/** How the broker is. */
export interface LocalPulsarStatus {
  /** `unhealthy`: it runs, and does not take messages, or not yet. */
  readonly state: 'up' | 'unhealthy' | 'down';
  /** Its web service: administration and WebSocket. Where it was the last time, if it is down. */
  readonly webUrl?: string;
  /** Its binary protocol. */
  readonly brokerUrl?: string;
  readonly pid?: number;
  /** The container that it runs in. */
  readonly container?: string;
  /** What it holds of the machine's memory. */
  readonly memoryMb?: number;
  readonly version?: string;
  /** When it was started, in milliseconds since the epoch. */
  readonly since?: number;
  /** The folder of its data. */
  readonly data: string;
  readonly log: string;
}

/** How to start it. */
export interface StartOptions {
  readonly ports: StandalonePorts;
  /** Told what is going on. */
  readonly onStep?: (text: string) => void;
  /** Gives up; what was started is ended. */
  readonly signal?: AbortSignal;
}

/** A machine that has nothing else to do takes 12 s; a busy one, minutes. */
const READY_TIMEOUT_MS = 300_000;

type Runner = NonNullable<LocalRecord['runner']>;

/**
 * A Pulsar on this machine.
 *
 * @example
 * const pulsar = new LocalPulsar({ folder: '.starquake/pulsar/local', fetched: '.starquake/pulsar', environment: process.env });
 * await pulsar.start({ ports: { web: 8080, broker: 6650 } });
 * console.log((await pulsar.read()).webUrl);
 * await pulsar.stop();
 */
export class LocalPulsar {
  readonly #folder: string;
  readonly #options: LocalPulsarOptions;
  readonly #run: RunCommand;

  constructor(options: LocalPulsarOptions) {
    this.#folder = resolve(options.folder);
    this.#options = options;
    this.#run = options.run ?? runCommand;
  }

  /** The ports that it has, or had when it ran last; undefined when it never did. */
  async readPorts(): Promise<StandalonePorts | undefined> {
    return (await readRecord(this.#folder))?.ports;
  }

  /** How it is now. @throws PULSAR_FAILED when what is remembered of it cannot be read */
  async read(): Promise<LocalPulsarStatus> {
    const record = await readRecord(this.#folder);
    const places = { data: this.#folder, log: findLog(this.#folder) };
    if (record === undefined) return { state: 'down', ...places };
    const { ports, runner, since } = record;
    const webUrl = makeWebUrl(ports);
    const told = { webUrl, brokerUrl: `pulsar://127.0.0.1:${ports.broker}`, ...places };
    if (runner === undefined || !(await this.#isRunning(runner))) return { state: 'down', ...told };
    const [healthy, version, more] = await Promise.all([isHealthy(webUrl), readBrokerVersion(webUrl), this.#describe(runner)]);
    return {
      state: healthy ? 'up' : 'unhealthy',
      ...told,
      ...more,
      ...(version !== undefined && { version }),
      ...(since !== undefined && { since }),
    };
  }

  /**
   * Starts it on the data of its folder and waits until it is healthy. It goes on when this process ends. One that runs already is
   * waited for.
   *
   * @throws DATA_IN_USE while another process starts or ends it
   * @throws PULSAR_MISSING when there is nothing to start it from
   * @throws PULSAR_FAILED, with the end of its log, when it does not come up; what was started is ended then
   */
  start(options: StartOptions): Promise<void> {
    return this.#alone(() => this.#start(options));
  }

  /**
   * Ends it, and nothing else, and waits until it is gone; its data stays.
   *
   * @returns undefined when it did not run
   * @throws DATA_IN_USE while another process starts or ends it; PULSAR_FAILED
   */
  async stop(): Promise<ProcessEnd | undefined> {
    if ((await readRecord(this.#folder)) === undefined) return undefined;
    return await this.#alone(() => this.#stop());
  }

  /**
   * Ends it and removes its data, its log and what is remembered of it.
   *
   * @returns undefined when it did not run
   * @throws DATA_IN_USE while another process starts or ends it; PULSAR_FAILED
   */
  async purge(): Promise<ProcessEnd | undefined> {
    if ((await readRecord(this.#folder)) === undefined) return undefined;
    return await this.#alone(async () => {
      const end = await this.#stop();
      const container = (await readRecord(this.#folder))?.container;
      if (container) await new BrokerContainer(container.engine, container.name, this.#run).purge();
      await removeFiles(this.#folder);
      return end;
    });
  }

  async #start({ ports, onStep = () => undefined, signal }: StartOptions): Promise<void> {
    const before = await readRecord(this.#folder);
    if (before?.runner && (await this.#isRunning(before.runner))) {
      onStep('waiting until it is healthy');
      await this.#waitUntilHealthy(before, before.runner, signal);
      return;
    }
    const runner = await this.#launch(ports, onStep);
    const container = runner.kind === 'container' ? { engine: runner.engine, name: runner.name } : before?.container;
    const record = { ports, runner, since: Date.now(), ...(container && { container }) };
    await writeRecord(this.#folder, record);
    onStep('waiting until it is healthy');
    try {
      await this.#waitUntilHealthy(record, runner, signal);
    } catch (error) {
      await this.#stop();
      throw error;
    }
  }

  async #stop(): Promise<ProcessEnd | undefined> {
    const record = await readRecord(this.#folder);
    if (record?.runner === undefined) return undefined;
    const { runner, since: _, ...kept } = record;
    const end = (await this.#isRunning(runner)) ? await this.#end(runner) : undefined;
    await writeRecord(this.#folder, kept);
    return end;
  }

  /** Two commands at the same time would start two brokers on the same data. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(this.#folder, { recursive: true });
    const unlock = await lockFolder(this.#folder);
    try {
      return await work();
    } finally {
      await unlock();
    }
  }

  async #launch(ports: StandalonePorts, onStep: (text: string) => void): Promise<Runner> {
    onStep('looking for the distribution; the first time it is fetched, 245 MB');
    try {
      return await this.#launchProcess(ports, onStep);
    } catch (error) {
      // Who names a distribution wants that one.
      const isNamed = (this.#options.environment['PULSAR_HOME'] ?? '') !== '';
      if (isNamed || !(error instanceof StarquakeError) || error.code !== 'PULSAR_MISSING') throw error;
      return await this.#launchContainer(ports, onStep, error);
    }
  }

  async #launchProcess(ports: StandalonePorts, onStep: (text: string) => void): Promise<Runner> {
    const { fetched, environment } = this.#options;
    const home = await findDistribution({ home: environment['PULSAR_HOME'], fetched });
    onStep(`starting ${home}`);
    return { kind: 'process', home, ...(await launchBroker({ home, folder: this.#folder, ports, environment, detached: true })) };
  }

  async #launchContainer(ports: StandalonePorts, onStep: (text: string) => void, missing: StarquakeError): Promise<Runner> {
    const engine = await findContainerEngine(this.#run);
    if (engine === undefined)
      throw new StarquakeError('PULSAR_MISSING', `${missing.message} No container engine answers either.`, { cause: missing });
    onStep(`starting a container with ${engine}`);
    const name = `starquake-pulsar-${createHash('sha256').update(this.#folder).digest('hex').slice(0, 8)}`;
    await new BrokerContainer(engine, name, this.#run).launch({ ports, memory: this.#options.environment['PULSAR_MEM'] });
    return { kind: 'container', engine, name };
  }

  async #waitUntilHealthy({ ports }: Pick<LocalRecord, 'ports'>, runner: Runner, signal: AbortSignal | undefined): Promise<void> {
    await waitUntilHealthy({
      webUrl: makeWebUrl(ports),
      timeoutMs: READY_TIMEOUT_MS,
      isAlive: () => this.#isRunning(runner),
      readLog: () => (runner.kind === 'process' ? readLogEnd(this.#folder) : this.#containerOf(runner).readLogEnd()),
      ...(signal && { signal }),
    });
  }

  async #isRunning(runner: Runner): Promise<boolean> {
    return runner.kind === 'process' ? await isRunning(runner) : await this.#containerOf(runner).isRunning();
  }

  async #end(runner: Runner): Promise<ProcessEnd> {
    return runner.kind === 'process' ? await endProcess(runner) : await this.#containerOf(runner).end();
  }

  async #describe(runner: Runner): Promise<Pick<LocalPulsarStatus, 'pid' | 'memoryMb' | 'container'>> {
    if (runner.kind === 'container') return { container: runner.name };
    const memoryMb = await readMemoryMb(runner.pid);
    return { pid: runner.pid, ...(memoryMb !== undefined && { memoryMb }) };
  }

  #containerOf({ engine, name }: Extract<Runner, { readonly kind: 'container' }>): BrokerContainer {
    return new BrokerContainer(engine, name, this.#run);
  }
}

/** Removes what a broker has made, and the folder if that was all: whoever names a folder of their own keeps the rest. */
const removeFiles = async (folder: string): Promise<void> => {
  for (const name of [...BROKER_FILES, RECORD_FILE]) await rm(join(folder, name), { recursive: true, force: true });
  if ((await readdir(folder)).length === 0) await rmdir(folder);
};

const makeWebUrl = ({ web }: StandalonePorts): string => `http://127.0.0.1:${web}`;
