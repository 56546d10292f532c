// The process of one instance: started with its own memory limit and environment, told apart by how it ends, ended with all that it started.
import { spawn } from 'node:child_process';
import { dirname, extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FUNCTION_VERSION, makeEnvironment } from './function-environment.ts';
import type { IsolatedFunction } from './isolated-function.ts';
import { makeTaskRoot, type TaskRoot } from './official-client.ts';

/** What is left is for what is not the heap, as in Lambda's own runtime. */
const HEAP_SHARE = 0.9;

const findScript = (name: string): URL => new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);

/** What a process is started with. */
export interface FunctionProcessOptions {
  readonly function: IsolatedFunction;
  /** Names the instance in its log. */
  readonly name: string;
  /** Host and port of its Runtime API. */
  readonly runtimeApi: string;
  readonly onOutput: (chunk: Buffer) => void;
  /** It has ended, and all that it wrote has been told. @param how - in the words of Lambda: `exit status 1`, `signal: killed` */
  readonly onEnd: (how: string) => void;
}

/** A process. */
export interface FunctionProcess {
  readonly pid: number | undefined;
  /** Ends it, and all that it has started. */
  kill(): void;
}

/** What runs in the process: AWS's own client, which learns all from its environment, or the one of this folder. */
const makeCommand = ({ file, name, memoryMb, officialClient }: IsolatedFunction, runtimeApi: string): readonly string[] =>
  officialClient === undefined
    ? [fileURLToPath(findScript('runtime-client')), runtimeApi, pathToFileURL(file).href, name, FUNCTION_VERSION, String(memoryMb)]
    : ['--import', findScript('leave-with-parent').href, officialClient];

/** Starts the process of an instance. */
export const startProcess = ({ function: fn, name, runtimeApi, onOutput, onEnd }: FunctionProcessOptions): FunctionProcess => {
  const heapMb = Math.floor(fn.memoryMb * HEAP_SHARE);
  const root: TaskRoot | undefined = fn.officialClient === undefined ? undefined : makeTaskRoot(fn.file);
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, ...makeCommand(fn, runtimeApi)], {
    cwd: dirname(fn.file),
    env: makeEnvironment(fn, runtimeApi, name, root?.folder),
    // Nothing is written to it: its end tells the process that this one is gone.
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, which ends with it, and which the interrupt of a terminal does not reach.
    detached: true,
  });
  const { pid, stdin, stdout, stderr } = child;
  const kill = (): void => {
    if (pid !== undefined) killGroup(pid);
  };
  stdout.on('data', onOutput);
  stderr.on('data', onOutput);
  child.on('error', (error) => onEnd(`it could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    kill();
    root?.remove();
    afterOutput(() => {
      // What it started may hold them open.
      stdin.destroy();
      stdout.destroy();
      stderr.destroy();
      onEnd(signal === null ? `exit status ${code}` : `signal: ${nameSignal(signal)}`);
    });
  });
  return { pid, kill };
};

/** Calls when what a process wrote so far has been read: it is in its pipes, and two turns of the loop are enough. */
export const afterOutput = (then: () => void): void => void setImmediate(() => setImmediate(then));

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // There may be nothing left to end.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const signals: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGILL: 'illegal instruction',
  SIGTRAP: 'trace/breakpoint trap',
};

/** As Lambda, which is written in Go, calls them. */
const nameSignal = (signal: string): string => signals[signal] ?? signal;
