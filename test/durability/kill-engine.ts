// A `starquake dev` that is killed and started again on the same folder, and a client that gets over it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createClient, StarquakeError, type Client } from '../../src/client/index.ts';
import { spawnDev, type StartingDev } from '../end-to-end/dev-process.ts';

const entry = resolve(import.meta.dirname, 'kill-app.ts');

/** What a caller meets whose server was killed meanwhile. */
const cutOff: readonly string[] = ['CONNECTION_FAILED', 'CALL_TIMED_OUT', 'REQUEST_TIMED_OUT'];

/** An engine that is killed now and then. */
export class KillEngine {
  /** The file in which jobs note their attempts. */
  readonly notes: string;
  /** When each process was started, by its id, in milliseconds since the epoch. */
  readonly startedAt = new Map<number, number>();
  readonly #folder: string;
  #dev: StartingDev;
  /** Resolves once a process is up that is not killed on its way. */
  #client = Promise.withResolvers<Client>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.notes = join(folder, 'notes');
    this.#dev = this.#spawn();
  }

  /** Starts an engine in a folder of its own. */
  static async start(): Promise<KillEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-kill-'));
    await writeFile(join(folder, 'notes'), '');
    return new KillEngine(folder);
  }

  /** Asks something of the server, again after each restart, until it is answered. */
  async ask<T>(question: (client: Client) => Promise<T>): Promise<T> {
    for (;;) {
      const { promise } = this.#client;
      try {
        return await question(await promise);
      } catch (error) {
        if (!(error instanceof StarquakeError) || !cutOff.includes(error.code) || promise === this.#client.promise) throw error;
      }
    }
  }

  /** Resolves once the server is up. */
  async up(): Promise<void> {
    await this.#client.promise;
  }

  /** Kills the process and starts another, on the same folder, once the dead one is gone. */
  async kill(): Promise<void> {
    const killed = this.#dev;
    const next = Promise.withResolvers<Client>();
    // Whoever waits for a process that is killed on its way up waits for the next.
    this.#client.resolve(next.promise);
    this.#client = next;
    killed.send('SIGKILL');
    await killed.ended;
    this.#dev = this.#spawn();
  }

  /** Ends it for good, and removes its folder. */
  async remove(): Promise<void> {
    this.#dev.send('SIGKILL');
    await this.#dev.ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(): StartingDev {
    const dev = spawnDev([entry, '--data', join(this.#folder, 'data')], { STARQUAKE_NOTES: this.notes });
    if (dev.pid !== undefined) this.startedAt.set(dev.pid, Date.now());
    const { promise, resolve, reject } = this.#client;
    promise.catch(() => undefined);
    dev.url.then((url) => resolve(createClient({ url, app: 'kill' })), reject);
    return dev;
  }
}
