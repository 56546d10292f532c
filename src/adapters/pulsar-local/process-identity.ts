// Tells one process from another that was given the same number later, so that only the right one is ever ended.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process, however often its number is given to others. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, as the operating system says it: the same text for as long as it lives, another for any other. */
  readonly started: string;
}

const run = promisify(execFile);
const PS_TIMEOUT_MS = 5000;
const KIBIBYTES = 1024;
const ZOMBIE = 'Z';
/** Places in `/proc/<pid>/stat`, counted behind the name in brackets, which may itself hold blanks and brackets. */
const STATE = 0;
const START_TIME = 19;

/** What a file of `/proc` says; undefined where there is none, as when the process is gone. */
const readProc = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return undefined;
    throw error;
  });

/** What `ps` says of a process; undefined when there is none. */
const askPs = async (pid: number, field: 'lstart' | 'rss'): Promise<string | undefined> => {
  const said = await run('ps', ['-o', `${field}=`, '-p', String(pid)], { timeout: PS_TIMEOUT_MS }).catch((error: unknown) => {
    // It ends with 1 when it finds none.
    if (error instanceof Error && 'code' in error && error.code === 1) return undefined;
    throw error;
  });
  const text = said?.stdout.trim();
  return text === '' ? undefined : text;
};

const findStart = async (pid: number): Promise<string | undefined> => {
  if (process.platform !== 'linux') return await askPs(pid, 'lstart');
  const stat = await readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // One that has ended and waits for its parent to notice holds nothing any more.
  if (fields[STATE] === ZOMBIE) return undefined;
  // Counted from the start of the machine, so the start itself is part of it.
  const boot = await readProc('/proc/sys/kernel/random/boot_id');
  return `${boot?.trim() ?? ''}/${fields[START_TIME] ?? ''}`;
};

/** The process that has this number now; undefined when none has. */
export const identifyProcess = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const started = await findStart(pid);
  return started === undefined ? undefined : { pid, started };
};

/** Whether this very process still runs. */
export const isRunning = async ({ pid, started }: ProcessIdentity): Promise<boolean> => (await findStart(pid)) === started;

/** Memory that a process holds now, in MiB; undefined when it is gone. */
export const readMemoryMb = async (pid: number): Promise<number | undefined> => {
  const text = process.platform === 'linux' ? await readProc(`/proc/${pid}/status`) : await askPs(pid, 'rss');
  const [, kibibytes] = /^(?:[^]*\nVmRSS:\s*)?(\d+)/.exec(text ?? '') ?? [];
  return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / KIBIBYTES);
};
