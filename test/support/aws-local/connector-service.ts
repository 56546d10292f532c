// The connector as an operator runs it: a process of its own, told everything by its environment, watched through its log and its health port.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const READY_TIMEOUT_MS = 120_000;
const END_TIMEOUT_MS = 60_000;

const lineSchema = z.looseObject({ msg: z.string() });
const readySchema = z.object({ healthPort: z.int() });

/** A connector that runs. */
export class ConnectorService {
  readonly #child: ChildProcess;
  #log = '';

  /**
   * Starts it.
   *
   * @param environment - all that it is told
   * @param root - the folder of its release; this one's unless given
   */
  constructor(environment: Readonly<Record<string, string>>, root = '.') {
    const settings = { ...environment, PATH: process.env['PATH'] ?? '', STARQUAKE_HEALTH_HOST: '127.0.0.1', STARQUAKE_HEALTH_PORT: '0' };
    this.#child = spawn(process.execPath, ['--conditions=starquake-source', join(root, 'src/connector/main.ts')], {
      env: settings,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (text: Buffer) => (this.#log += text.toString()));
  }

  /** All that it has written. */
  get log(): string {
    return this.#log;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until it takes messages. @returns the URL of its health port */
  async waitUntilReady(): Promise<string> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const ready = this.#readLines().find(({ msg }) => msg === 'ready');
      if (ready !== undefined) return `http://127.0.0.1:${readySchema.parse(ready).healthPort}`;
      if (this.hasEnded || performance.now() > deadline) throw new Error(`The connector did not come up:\n${this.#log.slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Stops the whole process in its tracks. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it. @returns its exit code; null after a kill */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', (code) => resolve(code)));
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
    const code = await ended;
    clearTimeout(timer);
    return code;
  }

  #readLines(): readonly z.infer<typeof lineSchema>[] {
    return this.#log
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => lineSchema.parse(JSON.parse(line)));
  }
}
