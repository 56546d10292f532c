// Functions as worker threads of this process: the same handlers as on Lambda, decisions, jobs and the rest apart so that what hangs in one stops none of the others.
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../ports/clock.ts';
import type { Functions } from '../../ports/functions.ts';
import { fail, type InstalledFunction, type Invocation } from './invocation.ts';
import { openPlace, type Place } from './open-place.ts';
import { startWorker, type FunctionWorker } from './start-worker.ts';

/** A function as a file that exports `handler`. */
export interface FunctionFile {
  readonly name: string;
  readonly kind: 'decision' | 'job-retry' | 'job' | 'timer';
  readonly file: string;
  readonly memoryMb: number;
}

/** How to open local functions. */
export interface LocalFunctionsOptions {
  readonly clock: Clock;
  /** Threads for decisions. Default 1. Timers and retries have one of their own, so that a workflow that loops holds up neither. */
  readonly decisionWorkers?: number;
  /** Threads for jobs. Default 1. */
  readonly jobWorkers?: number;
  /** Heap limit of each thread. Default 1024. */
  readonly workerMemoryMb?: number;
}

/** Functions in worker threads. */
export interface LocalFunctions extends Functions {
  /** Adds the functions of a bundle; those of the same names are replaced, and what is in flight ends on the old code. */
  install(bundle: { readonly functions: readonly FunctionFile[] }): void;
  /** Removes the functions of a bundle. */
  remove(bundle: { readonly functions: readonly { readonly name: string }[] }): void;
  /** Ends all threads; what is in flight fails with FUNCTION_CRASHED. */
  close(): Promise<void>;
}

/** A fixed number of places. */
const openPool = (size: number, open: () => Place): { choose(slot: number | undefined): Place | undefined; end(): Promise<void> } => {
  const places = Array.from({ length: size }, open);
  const findIdlest = (): Place | undefined => places.reduce((best, place) => (place.load() < best.load() ? place : best));
  return {
    choose: (slot) => (slot === undefined ? findIdlest() : places[slot % size]),
    end: async () => void (await Promise.all(places.map((place) => place.end('the functions were closed')))),
  };
};

/**
 * Opens local functions.
 *
 * @example
 * const functions = openLocalFunctions({ clock });
 * functions.install(await bundleApp('workflows/booking/app.ts', { outDir }));
 * const result = await functions.invoke(manifest.decisionFunction, JSON.stringify(request), { timeoutMs: 10_000 });
 */
export const openLocalFunctions = ({
  clock,
  decisionWorkers = 1,
  jobWorkers = 1,
  workerMemoryMb = 1024,
}: LocalFunctionsOptions): LocalFunctions => {
  const start = (onStill: () => void): FunctionWorker => startWorker(clock, workerMemoryMb, onStill);
  const decisions = openPool(decisionWorkers, () => openPlace(start, true));
  const others = openPool(1, () => openPlace(start, true));
  const jobs = openPool(jobWorkers, () => openPlace(start, false));
  const installed = new Map<string, InstalledFunction>();
  const instance = randomUUID();
  let versions = 0;
  let invocations = 0;
  let closed = false;

  const dispatch = (invocation: Invocation, slot: number | undefined): void => {
    const { name, kind, number } = invocation.function;
    if (closed)
      return fail(invocation, clock.now(), 'FUNCTION_CRASHED', `The function "${name}" was invoked after the functions were closed.`, true);
    if (number === 0) return fail(invocation, clock.now(), 'FUNCTION_NOT_FOUND', `No function "${name}" is installed.`, true);
    const pool = kind === 'job' ? jobs : kind === 'decision' ? decisions : others;
    pool.choose(slot)?.invoke(invocation);
  };

  return {
    install: ({ functions }) => {
      for (const { name, kind, file, memoryMb } of functions) {
        const number = ++versions;
        installed.set(name, { number, name, kind, memoryMb, url: `${pathToFileURL(file).href}?version=${number}` });
      }
    },
    remove: ({ functions }) => {
      for (const { name } of functions) installed.delete(name);
    },
    invoke: (name, request, { timeoutMs, slot }) =>
      new Promise((resolve) => {
        const fn = installed.get(name) ?? { number: 0, name, kind: '', url: '', memoryMb: 0 };
        dispatch({ requestId: `${instance}.${invocations++}`, function: fn, request, startedAt: clock.now(), timeoutMs, resolve }, slot);
      }),
    close: async () => {
      closed = true;
      await Promise.all([decisions.end(), jobs.end(), others.end()]);
    },
  };
};
