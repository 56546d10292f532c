// Gathers the calls of one tick into one message to a worker, because a message costs far more than what is in it.
import type { Invocation } from './invocation.ts';
import type { ToWorker } from './worker-messages.ts';

/**
 * Makes a sender.
 *
 * @param post - takes one message for the worker
 * @returns takes a call under its number; it is on its way at the end of the tick
 */
export const sendByTick = (post: (message: ToWorker) => void): ((call: number, invocation: Invocation) => void) => {
  const known = new Set<number>();
  let calls: (number | string)[] = [];
  let functions: [number, string][] = [];

  const flush = (): void => {
    const message: ToWorker = { functions, calls, ping: false };
    [functions, calls] = [[], []];
    post(message);
  };

  return (call, { function: { number, url }, request }) => {
    if (calls.length === 0) setImmediate(flush);
    if (!known.has(number)) functions.push([number, url]);
    known.add(number);
    calls.push(call, number, request);
  };
};
