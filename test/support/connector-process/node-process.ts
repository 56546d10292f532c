// A process of our own under test: started from its main file, stopped, continued or killed by its id, its notes read from a file.
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readNotes, type Note } from './notes.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 40_000;
const LOOK_MS = 50;
const LOG_TAIL = 4000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A process under test. It ends when this process does. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly name: string;

  /**
   * Starts it.
   *
   * @param main - its main file, beside this one
   * @param folder - for its notes
   */
  constructor(name: string, main: string, folder: string, parameters: readonly string[]) {
    this.name = name;
    this.#log = join(folder, `${name}.notes`);
    const log = openSync(this.#log, 'a');
    this.#child = fork(join(import.meta.dirname, main), parameters, {
      execArgv: ['--conditions=starquake-source', '--max-old-space-size=512'],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @throws Error, with the end of its notes, when it does not come up */
  async waitUntilReady(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await this.readNotes()).some(({ kind }) => kind === 'ready')) {
      if (!this.isRunning || performance.now() > deadline)
        throw new Error(`${this.name} did not come up.\n${(await this.#readLog()).slice(-LOG_TAIL)}`);
      await pause(LOOK_MS);
    }
  }

  async readNotes(): Promise<readonly Note[]> {
    return readNotes(await this.#readLog());
  }

  /** Stops the whole process in its tracks (SIGSTOP). */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Lets it go on (SIGCONT). */
  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it at once. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Asks it to leave in good order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  #readLog(): Promise<string> {
    return readFile(this.#log, 'utf8');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
}
