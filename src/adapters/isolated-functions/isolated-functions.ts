// Functions as processes of their own, run as AWS Lambda runs them: by its Runtime API, with their memory and their timeout, reported in its words.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Functions, InvocationResult, InvokeOptions } from '../../ports/functions.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { estimateReport, readAnswer, type LambdaAnswer } from '../lambda/read-answer.ts';
import { FunctionPool } from './function-pool.ts';
import type { IsolatedInvocation } from './isolated-function.ts';
import type { LogFormat } from './write-log.ts';

/** A function as a file that exports `handler`. */
export interface IsolatedFunctionFile {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly memoryMb: number;
  /** Its own timeout; that of whoever invokes it when left out. */
  readonly timeoutMs?: number;
}

/** How to open isolated functions. */
export interface IsolatedFunctionsOptions {
  readonly clock: Clock;
  /** Instances of one function at once; further invocations wait. Default 4. */
  readonly instancesPerFunction?: number;
  /** An instance without work ends after this long, in milliseconds. Default 60,000. */
  readonly idleMs?: number;
  /** What all functions find in their environment, beside what Lambda puts there. Nothing of this process comes by itself. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The form of the lines that Lambda puts around a function's output. Default `text`. */
  readonly logFormat?: LogFormat;
  /** Path of AWS's own runtime client, as `findOfficialClient` finds it, to run functions under. Default the client that comes with this. */
  readonly officialClient?: string;
  /** Told what functions write. */
  readonly onOutput?: (name: string, text: string) => void;
}

/** How to invoke as Lambda does. */
export interface AnswerOptions {
  /** Names the invocation. */
  readonly requestId: string;
  /** Of a function that has no timeout of its own. */
  readonly timeoutMs: number;
  /** In Lambda's form; a trace of its own when left out. */
  readonly traceId?: string;
}

/** Functions in processes. */
export interface IsolatedFunctions extends Functions {
  /** Adds the functions of a bundle; those of the same names are replaced, and what is in flight ends on the old code. */
  install(bundle: { readonly functions: readonly IsolatedFunctionFile[] }): void;
  /** Removes the functions of a bundle; what is in flight ends. */
  remove(bundle: { readonly functions: readonly { readonly name: string }[] }): void;
  /**
   * Invokes as Lambda itself answers, for what stands in for it.
   *
   * @returns undefined when there is no such function, or the functions were closed before it began
   */
  answer(name: string, payload: string, options: AnswerOptions): Promise<LambdaAnswer | undefined>;
  /** Process ids of all instances. */
  listProcesses(): readonly number[];
  /** Ends all instances by their process ids; what is in flight fails with FUNCTION_CRASHED. */
  close(): Promise<void>;
}

/**
 * Opens isolated functions.
 *
 * Which instance an invocation gets is left to chance, as on Lambda: `slot` has no meaning here. When this process is killed its
 * instances end by themselves, all but one that computes without end.
 *
 * @example
 * const functions = openIsolatedFunctions({ clock: systemClock });
 * functions.install(await bundleApp('workflows/booking/app.ts', { outDir }));
 * const result = await functions.invoke(manifest.decisionFunction, JSON.stringify(request), { timeoutMs: 10_000 });
 */
export const openIsolatedFunctions = (options: IsolatedFunctionsOptions): IsolatedFunctions => new Processes(options);

class Processes implements IsolatedFunctions {
  readonly #options: IsolatedFunctionsOptions;
  readonly #pools = new Map<string, FunctionPool>();
  /** Pools of what was replaced or removed, until their processes are gone. */
  readonly #retired = new Set<FunctionPool>();
  #closed = false;

  constructor(options: IsolatedFunctionsOptions) {
    this.#options = options;
  }

  install({ functions }: { readonly functions: readonly IsolatedFunctionFile[] }): void {
    const {
      clock,
      instancesPerFunction = 4,
      idleMs = 60_000,
      environment = {},
      logFormat = 'text',
      officialClient,
      onOutput,
    } = this.#options;
    this.remove({ functions });
    for (const { name, file, memoryMb, timeoutMs } of functions) {
      const pool = new FunctionPool({
        function: { name, file, memoryMb, timeoutMs, environment, officialClient },
        clock,
        mostInstances: instancesPerFunction,
        idleMs,
        logFormat,
        onOutput: (text) => onOutput?.(name, text),
      });
      this.#pools.set(name, pool);
    }
  }

  remove({ functions }: { readonly functions: readonly { readonly name: string }[] }): void {
    for (const retired of this.#retired) if (retired.empty) this.#retired.delete(retired);
    for (const { name } of functions) {
      const pool = this.#pools.get(name);
      if (pool === undefined) continue;
      pool.retire();
      this.#pools.delete(name);
      this.#retired.add(pool);
    }
  }

  async invoke(name: string, payload: string, { timeoutMs }: InvokeOptions): Promise<InvocationResult> {
    const startedAt = performance.now();
    const refuse = (code: ErrorCode, message: string): InvocationResult => ({
      kind: 'failed',
      failure: { code, name: 'StarquakeError', message },
      retryable: true,
      report: { ...estimateReport(randomUUID(), { durationMs: performance.now() - startedAt, memoryMb: 0 }), billedMs: 0 },
    });
    if (this.#closed) return refuse('FUNCTION_CRASHED', `The function "${name}" was invoked after the functions were closed.`);
    const pool = this.#pools.get(name);
    if (pool === undefined) return refuse('FUNCTION_NOT_FOUND', `No function "${name}" is installed.`);
    const answer = await this.#run(pool, payload, timeoutMs, { callerMs: timeoutMs });
    if (answer === undefined && !this.#closed)
      return refuse('THROTTLED', `No instance of the function "${name}" was free within ${timeoutMs} ms.`);
    if (this.#closed && answer?.functionError !== undefined)
      return refuse('FUNCTION_CRASHED', `The function "${name}" was ended before it answered: the functions were closed.`);
    if (answer === undefined) return refuse('FUNCTION_CRASHED', `The functions were closed before "${name}" began.`);
    return readAnswer(name, answer, { durationMs: performance.now() - startedAt, memoryMb: pool.function.memoryMb });
  }

  answer(name: string, payload: string, { requestId, timeoutMs, traceId }: AnswerOptions): Promise<LambdaAnswer | undefined> {
    const pool = this.#closed ? undefined : this.#pools.get(name);
    return pool === undefined
      ? Promise.resolve(undefined)
      : this.#run(pool, payload, timeoutMs, { requestId, ...(traceId !== undefined && { traceId }) });
  }

  listProcesses(): readonly number[] {
    return [...this.#pools.values(), ...this.#retired].flatMap(({ pids }) => pids);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values(), ...this.#retired].map((pool) => pool.end()));
  }

  /** Undefined when it ended without having begun. */
  #run(
    pool: FunctionPool,
    payload: string,
    defaultMs: number,
    { requestId = randomUUID(), traceId = makeTraceId(), callerMs }: { requestId?: string; traceId?: string; callerMs?: number },
  ): Promise<LambdaAnswer | undefined> {
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<LambdaAnswer | undefined>();
    const timeoutMs = pool.function.timeoutMs ?? defaultMs;
    const invocation: IsolatedInvocation = { requestId, payload, traceId, timeoutMs, resolve };
    pool.invoke(invocation);
    if (callerMs === undefined) return promise;
    return promise.finally(clock.setTimer(clock.now() + callerMs, () => pool.giveUp(invocation)));
  }
}

/** A trace of its own, in Lambda's form. */
const makeTraceId = (): string => {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
};
