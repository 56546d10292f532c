// One instance of a function: a process of its own and its Runtime API; it runs one invocation at a time, and is killed as Lambda does it.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import type { LambdaAnswer } from '../lambda/read-answer.ts';
import { explainEnd, tooLarge, type Ending, type KillReason } from './explain-end.ts';
import { makeFunctionArn } from './function-environment.ts';
import { afterOutput, startProcess, type FunctionProcess } from './function-process.ts';
import type { IsolatedFunction, IsolatedInvocation } from './isolated-function.ts';
import { LogTail } from './log-tail.ts';
import { readMemory } from './read-memory.ts';
import { openRuntimeApi, type RuntimeApi } from './runtime-api.ts';
import { writeReport, writeStart, type LogFormat } from './write-log.ts';

/** Initialization may take this long before it counts as part of the invocation. */
const INIT_LIMIT_MS = 10_000;
const MEMORY_CHECK_MS = 250;

/** What an instance needs, and whom it tells. */
export interface InstanceOptions {
  readonly function: IsolatedFunction;
  /** Names it in its log. */
  readonly name: string;
  readonly clock: Clock;
  readonly logFormat: LogFormat;
  /** Told what the function writes. */
  readonly onOutput: (text: string) => void;
  /** It has answered, and can take another invocation. */
  readonly onIdle: () => void;
  /** It is gone. */
  readonly onEnded: () => void;
}

/** An instance of a function. */
export class Instance {
  readonly #options: InstanceOptions;
  readonly #output = new LogTail();
  readonly #bornAt = performance.now();
  readonly #ended = Promise.withResolvers<void>();
  #api: RuntimeApi | undefined;
  #process: FunctionProcess | undefined;
  #alive = true;
  #initMs: number | undefined;
  /** Its initialization is in no report yet. */
  #cold = true;
  #ready = false;
  #current: IsolatedInvocation | undefined;
  /** When the function began with it; undefined while it still starts. */
  #begunAt: number | undefined;
  #initError: string | undefined;
  /** Why it is being killed. */
  #killedFor: KillReason;
  #peakMb = 0;
  #cancelDeadline: CancelTimer = () => undefined;
  #cancelMemoryCheck: CancelTimer = () => undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.#start().catch((error: unknown) => this.#end(`it could not be started: ${String(error)}`));
  }

  /** Its process; undefined before it has one and when it has ended. */
  get pid(): number | undefined {
    return this.#alive ? this.#process?.pid : undefined;
  }

  /** Runs an invocation; it has none, and is alive. */
  invoke(invocation: IsolatedInvocation): void {
    const { clock } = this.#options;
    this.#current = invocation;
    this.#output.add(writeStart(this.#options.logFormat, invocation.requestId));
    this.#cancelDeadline = clock.setTimer(clock.now() + invocation.timeoutMs + (this.#initMs === undefined ? INIT_LIMIT_MS : 0), () =>
      this.timeOut(),
    );
    this.#watchMemory(invocation);
    if (this.#ready) this.#begin(invocation);
  }

  /** Ends it as Lambda does at a timeout. */
  timeOut(): void {
    this.#kill('timeout');
  }

  /** Ends it; an invocation in flight ends with it. */
  async kill(): Promise<void> {
    this.#kill(undefined);
    await this.#ended.promise;
  }

  async #start(): Promise<void> {
    const { function: fn, name, onOutput } = this.#options;
    const api = await openRuntimeApi({
      onReady: () => this.#takeReady(),
      onAnswer: (id, payload) => this.#answer(id, { payload, status: 'success' }),
      onError: (id, payload) => this.#answer(id, { payload, status: 'error' }),
      onTooLarge: (id) => this.#answer(id, tooLarge),
      onInitError: (payload) => {
        this.#initError = payload;
      },
    });
    this.#api = api;
    if (!this.#alive) return this.#end('it was ended');
    this.#process = startProcess({
      function: fn,
      name,
      runtimeApi: api.address,
      onOutput: (chunk) => {
        this.#output.add(chunk);
        onOutput(chunk.toString());
      },
      onEnd: (how) => this.#end(how),
    });
  }

  #takeReady(): void {
    this.#ready = true;
    this.#initMs ??= performance.now() - this.#bornAt;
    if (this.#current !== undefined && this.#begunAt === undefined) this.#begin(this.#current);
  }

  #begin(invocation: IsolatedInvocation): void {
    const { clock, function: fn } = this.#options;
    const { requestId, payload, traceId, timeoutMs } = invocation;
    const deadline = clock.now() + timeoutMs;
    this.#begunAt = performance.now();
    this.#cancelDeadline();
    this.#cancelDeadline = clock.setTimer(deadline, () => this.timeOut());
    this.#ready = false;
    this.#api?.give({ requestId, payload, traceId, deadline: Date.now() + timeoutMs, functionArn: makeFunctionArn(fn.name) });
  }

  /** The runtime has ended an invocation. */
  #answer(requestId: string, ending: Ending): void {
    const invocation = this.#current;
    if (requestId !== invocation?.requestId || this.#killedFor !== undefined) return;
    const durationMs = this.#leave();
    afterOutput(() => {
      void this.#measure().then(() => {
        invocation.resolve(this.#report(invocation, ending, durationMs));
        if (this.#alive) this.#options.onIdle();
      });
    });
  }

  /** It has no invocation any more; answers how long it had the last one. */
  #leave(): number {
    const durationMs = this.#begunAt === undefined ? 0 : performance.now() - this.#begunAt;
    this.#current = undefined;
    this.#begunAt = undefined;
    this.#cancelDeadline();
    this.#cancelMemoryCheck();
    return durationMs;
  }

  #report({ requestId }: IsolatedInvocation, { payload, status, errorType, note = '' }: Ending, durationMs: number): LambdaAnswer {
    const { function: fn, logFormat } = this.#options;
    const initMs = this.#cold ? (this.#initMs ?? performance.now() - this.#bornAt) : undefined;
    const maxMemoryMb = this.#killedFor === 'memory' ? fn.memoryMb : Math.min(this.#peakMb, fn.memoryMb);
    const figures = {
      requestId,
      durationMs,
      initMs,
      memoryMb: fn.memoryMb,
      maxMemoryMb,
      status,
      ...(errorType !== undefined && { errorType }),
    };
    this.#cold = false;
    this.#output.add(note);
    this.#output.add(writeReport(logFormat, figures));
    const tail = this.#output.read();
    this.#output.clear();
    return { requestId, payload, tail, ...(status !== 'success' && { functionError: 'Unhandled' }) };
  }

  #watchMemory(invocation: IsolatedInvocation): void {
    const { clock, function: fn } = this.#options;
    this.#cancelMemoryCheck = clock.setTimer(clock.now() + MEMORY_CHECK_MS, () => {
      void this.#measure().then((usedMb) => {
        if (this.#current !== invocation) return;
        if (usedMb > fn.memoryMb) this.#kill('memory');
        else this.#watchMemory(invocation);
      });
    });
  }

  /** Megabytes in use; 0 where the system does not tell. */
  async #measure(): Promise<number> {
    const memory = this.pid === undefined ? undefined : await readMemory(this.pid);
    this.#peakMb = Math.max(this.#peakMb, memory?.peakMb ?? 0);
    return memory?.usedMb ?? 0;
  }

  #kill(why: KillReason): void {
    if (!this.#alive) return;
    this.#killedFor ??= why;
    // Without a process there is none to wait for.
    if (this.#process === undefined) this.#end('it was ended');
    else this.#process.kill();
  }

  #end(how: string): void {
    this.#cancelDeadline();
    this.#cancelMemoryCheck();
    this.#api?.close();
    this.#ended.resolve();
    if (!this.#alive) return;
    this.#alive = false;
    const invocation = this.#current;
    if (invocation !== undefined) {
      const ending: Ending =
        this.#initError === undefined ? explainEnd(invocation, this.#killedFor, how) : { payload: this.#initError, status: 'error' };
      invocation.resolve(this.#report(invocation, ending, this.#leave()));
    }
    this.#options.onEnded();
  }
}
