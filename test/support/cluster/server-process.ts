// One process of the official distribution: started with its settings, ended or killed by its id, its log kept for the case that it fails.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guardProcess } from './guard-process.ts';

/** What to start. */
export interface ServerProgram {
  readonly name: string;
  /** Unpacked distribution. */
  readonly home: string;
  /** For logs and whatever it unpacks. */
  readonly folder: string;
  /** Arguments of `bin/pulsar`. */
  readonly parameters: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Memory options of the virtual machine. */
  readonly memory: string;
  /** Whether it does its work by now. */
  readonly isReady: () => Promise<boolean>;
}

/** On a machine that is busy with other things it takes that long. */
const READY_TIMEOUT_MS = 150_000;
const LOOK_MS = 150;
const STOP_TIMEOUT_MS = 25_000;
const LOG_TAIL = 4000;
/** Small heaps on few cores: the plainest collector, and no time spent on the best code. */
const SMALL_MACHINE = '-XX:+UseSerialGC -XX:TieredStopAtLevel=1';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A process that can be ended and started again on its data. */
export class ServerProcess {
  readonly #program: ServerProgram;
  #child: ChildProcess | undefined;

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  get name(): string {
    return this.#program.name;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it and waits until it is ready. @throws Error with the end of its log */
  async start(): Promise<void> {
    this.launch();
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await this.#program.isReady())) {
      if (!this.isRunning) throw new Error(`The ${this.name} ended.\n${await this.readLog()}`);
      if (performance.now() > deadline) throw new Error(`The ${this.name} was not ready in time.\n${await this.readLog()}`);
      await pause(LOOK_MS);
    }
  }

  /** Starts it. */
  launch(): void {
    const { home, folder, parameters, env, memory, name } = this.#program;
    const log = openSync(this.#log, 'a');
    this.#child = spawn(join(home, 'bin', 'pulsar'), parameters, {
      cwd: folder,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        PULSAR_MEM: memory,
        BOOKIE_MEM: memory,
        PULSAR_GC: SMALL_MACHINE,
        BOOKIE_GC: SMALL_MACHINE,
        // Logs of its garbage collection are nobody's reading.
        PULSAR_GC_LOG: '-Xlog:disable',
        BOOKIE_GC_LOG: '-Xlog:disable',
        PULSAR_EXTRA_OPTS: `-Djava.io.tmpdir=${join(folder, 'tmp')} -Djava.net.preferIPv4Stack=true -Dstarquake.part=${name}`,
        PULSAR_LOG_DIR: join(folder, 'logs'),
        PULSAR_LOG_LEVEL: 'warn',
        PULSAR_LOG_APPENDER: 'Console',
        ...env,
      },
    });
    closeSync(log);
    const child = this.#child;
    if (child.pid !== undefined) child.once('exit', guardProcess(child.pid));
  }

  /** Waits until it has ended by itself. @throws Error unless it ended well, and in time */
  async waitForEnd(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (this.isRunning && performance.now() < deadline) await pause(LOOK_MS);
    const code = this.#child?.exitCode ?? this.#child?.signalCode ?? 'nothing: it runs';
    if (code !== 0) throw new Error(`The ${this.name} ended with ${code}.\n${await this.readLog()}`);
  }

  /** Ends it at once, without a chance to tidy up. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Asks it to end; kills it when it takes too long. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Has it stand still, as a machine does that is out of breath. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Has it go on. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** The end of what it has written. */
  async readLog(): Promise<string> {
    return (await readFile(this.#log, 'utf8').catch(() => '(it wrote no log)')).slice(-LOG_TAIL);
  }

  get #log(): string {
    return join(this.#program.folder, 'logs', `${this.name}.log`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
}
