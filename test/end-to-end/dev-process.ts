// Runs `starquake dev` as a process of its own, as people do.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
const readySchema = z.object({ url: z.string() });

/** What a process wrote and ended with. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `starquake dev` that is up. */
export interface DevProcess {
  readonly url: string;
  /** Sends a signal and waits for the end. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<Ended>;
}

const spawnCli = (
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const child = spawn(process.execPath, ['--conditions=starquake-source', main, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const closed = once(child, 'close');
  const end = (): void => endGroup(child);
  process.once('exit', end);
  child.once('exit', () => {
    process.off('exit', end);
    end();
  });
  const ended = closed.then(([code]) => ({ code: z.number().nullable().parse(code), stdout, stderr }));
  return { child, ended };
};

/** The bundler of a process that was killed may outlive it, and keep its output open: it is in the same group. */
const endGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Most often nobody is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

/** Runs a command to its end. */
export const runCli = (words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> => spawnCli(words, env).ended;

/** A `starquake dev` that is on its way up. */
export interface StartingDev {
  readonly pid: number | undefined;
  /** Where its API is, once it is up; rejects when it ends before. */
  readonly url: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Sends a signal, and does not wait. */
  send(signal: NodeJS.Signals): void;
}

/** Starts `starquake dev` on any free port, and does not wait until it is up. */
export const spawnDev = (words: readonly string[], env: Readonly<Record<string, string>> = {}): StartingDev => {
  const { child, ended } = spawnCli(['dev', ...words, '--port', '0', '--json'], env);
  const readUrl = async (): Promise<string> => {
    if (child.stdout === null) throw new Error('The process has no stdout.');
    const line = await Promise.race([once(createInterface(child.stdout), 'line').then(([text]) => String(text)), ended]);
    if (typeof line !== 'string') throw new Error(`starquake dev ended with ${line.code}: ${line.stderr}`);
    return readySchema.parse(JSON.parse(line)).url;
  };
  return { pid: child.pid, url: readUrl(), ended, send: (signal) => void child.kill(signal) };
};

/** Starts `starquake dev` on any free port and waits until it is up. */
export const startDev = async (words: readonly string[]): Promise<DevProcess> => {
  const dev = spawnDev(words);
  return {
    url: await dev.url,
    end: async (signal) => {
      dev.send(signal);
      return await dev.ended;
    },
  };
};
