// A standalone broker in a container, for machines that have a container engine and neither the distribution nor Java.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { ProcessEnd } from './broker-process.ts';
import { PULSAR_VERSION } from './fetch-artifact.ts';
import { makeStandaloneSettings, SMALL_MEMORY, type StandalonePorts } from './standalone-settings.ts';

/** Runs a command to its end and answers what it wrote; rejects when it ends with anything but 0. */
export type RunCommand = (command: string, words: readonly string[], timeoutMs: number) => Promise<string>;

/** What a container is made of. */
export interface ContainerLaunch {
  /** The name of the container, and of the volume with its data. */
  readonly name: string;
  readonly ports: StandalonePorts;
  /** Memory of its Java process. */
  readonly memory?: string | undefined;
}

const IMAGE = `apachepulsar/pulsar:${PULSAR_VERSION}`;
const ENGINES = ['docker', 'podman'] as const;
const ASK_TIMEOUT_MS = 15_000;
/** The image may have to be fetched. */
const START_TIMEOUT_MS = 15 * 60_000;
const STOP_TIMEOUT_S = 60;
const LOG_LINES = 40;
/** Before the name of a setting it has the image write it into the settings file. */
const SETTING = 'PULSAR_PREFIX_';

const execute = promisify(execFile);

/** Runs a command of this machine. */
export const runCommand: RunCommand = async (command, words, timeoutMs) =>
  (await execute(command, [...words], { timeout: timeoutMs })).stdout;

/** The first container engine that answers; undefined when none does. */
export const findContainerEngine = async (run: RunCommand = runCommand): Promise<string | undefined> => {
  for (const engine of ENGINES) {
    const answers = await run(engine, ['info'], ASK_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
    if (answers) return engine;
  }
  return undefined;
};

/** The words that have a container engine run a broker on the loopback address, its data in a volume. */
export const makeContainerWords = ({ name, ports, memory = SMALL_MEMORY }: ContainerLaunch): readonly string[] => [
  'run',
  '--detach',
  '--name',
  name,
  // The same port inside and outside: a broker sends clients to the one that it listens on.
  ...[ports.web, ports.broker].flatMap((port) => ['--publish', `127.0.0.1:${port}:${port}`]),
  '--volume',
  `${name}:/pulsar/data`,
  '--env',
  `PULSAR_MEM=${memory}`,
  // Inside it listens on all addresses; what is let in is said by `--publish`.
  ...Object.entries({ ...makeStandaloneSettings(ports), bindAddress: '0.0.0.0' }).flatMap(([key, value]) => [
    '--env',
    `${SETTING}${key}=${value}`,
  ]),
  IMAGE,
  'sh',
  '-c',
  'bin/apply-config-from-env.py conf/standalone.conf && exec bin/pulsar standalone --no-functions-worker --no-stream-storage',
];

/** A broker in a container. */
export class BrokerContainer {
  readonly #engine: string;
  readonly #name: string;
  readonly #run: RunCommand;

  /** @param engine - the command of the container engine, `docker` or `podman` */
  constructor(engine: string, name: string, run: RunCommand = runCommand) {
    this.#engine = engine;
    this.#name = name;
    this.#run = run;
  }

  /** Starts it on the data of its volume. @throws PULSAR_FAILED */
  async launch(launch: Omit<ContainerLaunch, 'name'>): Promise<void> {
    await this.#removeContainer();
    await this.#do(makeContainerWords({ name: this.#name, ...launch }), START_TIMEOUT_MS);
  }

  /** Whether it still runs. @throws PULSAR_FAILED when the engine does not say */
  async isRunning(): Promise<boolean> {
    return (await this.#do([...this.#list(), '--filter', 'status=running'])) !== '';
  }

  /** The end of its log. */
  async readLogEnd(): Promise<string> {
    return await this.#do(['logs', '--tail', String(LOG_LINES), this.#name]).catch(() => '(it wrote no log)');
  }

  /** Ends it and waits until it is gone; its data stays. @throws PULSAR_FAILED */
  async end(): Promise<ProcessEnd> {
    await this.#do(['stop', '--time', String(STOP_TIMEOUT_S), this.#name], STOP_TIMEOUT_S * 2000);
    // Java says 143 after a wish to end that it was given time for, the engine 137 where it killed it.
    const code = await this.#do(['inspect', '--format', '{{.State.ExitCode}}', this.#name]);
    await this.#removeContainer();
    return code === '137' ? 'killed' : 'ended';
  }

  /** Removes its data. @throws PULSAR_FAILED */
  async purge(): Promise<void> {
    await this.#removeContainer();
    if ((await this.#do(['volume', 'ls', '--quiet', '--filter', `name=^${this.#name}$`])) !== '')
      await this.#do(['volume', 'rm', this.#name]);
  }

  async #removeContainer(): Promise<void> {
    if ((await this.#do(this.#list())) !== '') await this.#do(['rm', '--force', this.#name]);
  }

  #list(): readonly string[] {
    return ['ps', '--all', '--quiet', '--filter', `name=^${this.#name}$`];
  }

  async #do(words: readonly string[], timeoutMs = ASK_TIMEOUT_MS): Promise<string> {
    try {
      return (await this.#run(this.#engine, words, timeoutMs)).trim();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new StarquakeError('PULSAR_FAILED', `${this.#engine} ${words[0] ?? ''} did not work: ${said}`, { cause: error });
    }
  }
}
