// Ends the process when its event loop does not turn any more: a thread of its own watches a beat that only a turning loop gives (rule 21).
import { url as findDebugger } from 'node:inspector';
import { Worker } from 'node:worker_threads';

/** A loop that turns beats so often within the limit. */
const BEATS = 15;

/** Runs in a thread: nothing but the beat, so that it needs no file of its own beside the package. */
const watch = `
  const { workerData } = require('node:worker_threads');
  const beats = new Int32Array(workerData.beats);
  for (let last = Atomics.load(beats, 0); ; last = Atomics.load(beats, 0)) {
    if (Atomics.wait(beats, 0, last, workerData.limitMs) !== 'timed-out') continue;
    // A process that was stopped and goes on gets the time to beat once.
    if (Atomics.wait(beats, 0, last, 2000) !== 'timed-out') continue;
    require('node:fs').writeSync(2, 'STUCK: the event loop has not turned for ' + workerData.limitMs + ' ms; the process ends so that another takes over.\\n');
    process.kill(process.pid, 'SIGKILL');
  }
`;

/**
 * Watches the event loop of this thread; not while a debugger is at hand, which makes it stand still on purpose.
 *
 * @param limitMs - how long it may stand still; 15,000 when left out
 * @returns how to stop watching
 * @example
 * const stopWatching = watchLoop();
 */
export const watchLoop = (limitMs = 15_000): (() => Promise<void>) => {
  if (findDebugger() !== undefined) return async () => undefined;
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(watch, { eval: true, workerData: { beats: beats.buffer, limitMs } });
  worker.unref();
  const timer = setInterval(() => {
    Atomics.add(beats, 0, 1);
    Atomics.notify(beats, 0);
  }, limitMs / BEATS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await worker.terminate();
  };
};
