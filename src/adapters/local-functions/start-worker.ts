// One worker thread and its open invocations: they end when it answers, or when they are late, it hangs or it dies.
import { Worker } from 'node:worker_threads';
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { fail, settle, type Invocation } from './invocation.ts';
import { sendByTick } from './send-by-tick.ts';
import { watchDeadlines, type DeadlineWatch } from './watch-deadlines.ts';
import { watchTurning, type TurningWatch } from './watch-turning.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** A loop that does not turn for this long is not going to. */
const PING_LIMIT_MS = 1_000;

const script = new URL(import.meta.url.endsWith('.ts') ? './function-worker.ts' : './function-worker.js', import.meta.url);

/** A worker thread. */
export interface FunctionWorker {
  /** How many invocations are open. */
  load(): number;
  alive(): boolean;
  invoke(invocation: Invocation): void;
  /** Gives up all open invocations but the oldest, which is taken for the one that does not end; answers those that were given up. */
  handOver(): readonly Invocation[];
  /** Gets no more invocations: ends as soon as it has none open. */
  retire(): void;
  /** Ends the thread, and every open invocation with FUNCTION_CRASHED. */
  end(why: string): Promise<void>;
}

/**
 * Starts a worker thread.
 *
 * @param memoryMb - heap limit of the thread
 * @param onStill - called when its loop does not turn though it has work
 */
export const startWorker = (clock: Clock, memoryMb: number, onStill: () => void): FunctionWorker => new Thread(clock, memoryMb, onStill);

class Thread implements FunctionWorker {
  readonly #clock: Clock;
  readonly #worker: Worker;
  readonly #open = new Map<number, Invocation>();
  readonly #deadlines: DeadlineWatch;
  readonly #turning: TurningWatch;
  readonly #send: (call: number, invocation: Invocation) => void;
  #calls = 0;
  #alive = true;
  #retired = false;
  #cancelPing: CancelTimer | undefined;

  constructor(clock: Clock, memoryMb: number, onStill: () => void) {
    const open = this.#open;
    const ask = (): void => this.#post({ functions: [], calls: [], ping: true });
    this.#clock = clock;
    this.#worker = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    this.#deadlines = watchDeadlines(clock, open, () => this.#ping(ask));
    this.#turning = watchTurning(clock, () => open.size > 0, ask, onStill);
    this.#send = sendByTick((message) => this.#post(message));
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#die(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => this.#die(`it exited with code ${code}`));
  }

  load(): number {
    return this.#open.size;
  }

  alive(): boolean {
    return this.#alive;
  }

  invoke(invocation: Invocation): void {
    const call = this.#calls++;
    this.#open.set(call, invocation);
    this.#send(call, invocation);
    this.#deadlines.add(invocation);
    this.#turning.begin();
  }

  handOver(): readonly Invocation[] {
    const [, ...behind] = this.#open;
    for (const [call] of behind) this.#open.delete(call);
    return behind.map(([, invocation]) => invocation);
  }

  retire(): void {
    this.#retired = true;
    this.#endIfDone();
  }

  async end(why: string): Promise<void> {
    this.#die(why);
    await this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    if (this.#alive) this.#worker.postMessage(message);
  }

  /** An invocation that is late may be slow, or keep the whole thread from turning: then the others are stuck behind it. */
  #ping(ask: () => void): void {
    ask();
    this.#cancelPing ??= this.#clock.setTimer(this.#clock.now() + PING_LIMIT_MS, () => void this.end('it hung, and was ended'));
    this.#endIfDone();
  }

  #receive({ answers }: FromWorker): void {
    this.#turning.noteSign();
    this.#cancelPing?.();
    this.#cancelPing = undefined;
    for (const answer of answers) {
      const invocation = this.#open.get(answer.call);
      if (invocation !== undefined) settle(invocation, answer);
      this.#open.delete(answer.call);
    }
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#retired && this.#open.size === 0) void this.end('it was retired');
  }

  #die(why: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#deadlines.stop();
    this.#turning.stop();
    this.#cancelPing?.();
    for (const invocation of this.#open.values()) {
      const message = `The worker of the function "${invocation.function.name}" ended before it answered: ${why}.`;
      fail(invocation, this.#clock.now(), 'FUNCTION_CRASHED', message, true);
    }
    this.#open.clear();
  }
}
