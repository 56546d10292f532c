// One worker thread and its open invocations: they end when it answers, or when they are late, it hangs or it dies.
import { Worker } from 'node:worker_threads';
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { fail, settle, type Invocation } from './invocation.ts';
import { sendByTick } from './send-by-tick.ts';
import { watchDeadlines } from './watch-deadlines.ts';
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
  /** Ends the thread, and every open invocation with FUNCTION_CRASHED. */
  end(why: string): Promise<void>;
}

/**
 * Starts a worker thread.
 *
 * @param memoryMb - heap limit of the thread
 */
export const startWorker = (clock: Clock, memoryMb: number): FunctionWorker => {
  const worker = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
  const open = new Map<number, Invocation>();
  let calls = 0;
  let alive = true;
  let cancelPing: CancelTimer | undefined;

  const post = (message: ToWorker): void => {
    if (alive) worker.postMessage(message);
  };

  /** An invocation that is late may be slow, or keep the whole thread from turning: then the others are stuck behind it. */
  const ping = (): void => {
    post({ functions: [], calls: [], ping: true });
    cancelPing ??= clock.setTimer(clock.now() + PING_LIMIT_MS, () => void end('it hung, and was ended'));
  };

  const deadlines = watchDeadlines(clock, open, ping);
  const send = sendByTick(post);

  const receive = ({ answers }: FromWorker): void => {
    cancelPing?.();
    cancelPing = undefined;
    for (const answer of answers) {
      const invocation = open.get(answer.call);
      if (invocation !== undefined) settle(invocation, answer);
      open.delete(answer.call);
    }
  };

  const die = (why: string): void => {
    if (!alive) return;
    alive = false;
    deadlines.stop();
    cancelPing?.();
    for (const invocation of open.values()) {
      const message = `The worker of the function "${invocation.function.name}" ended before it answered: ${why}.`;
      fail(invocation, clock.now(), 'FUNCTION_CRASHED', message, true);
    }
    open.clear();
  };

  const end = async (why: string): Promise<void> => {
    die(why);
    await worker.terminate();
  };

  const invoke = (invocation: Invocation): void => {
    const call = calls++;
    open.set(call, invocation);
    send(call, invocation);
    deadlines.add(invocation);
  };

  worker.on('message', receive);
  worker.on('error', (error) => die(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => die(`it exited with code ${code}`));
  return { invoke, end, load: () => open.size, alive: () => alive };
};
