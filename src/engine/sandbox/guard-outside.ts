// Puts stand-ins where the realm would have, or lacks, a way to the outside: timers, network, process, modules, garbage collection.
import { MOVE_INTO_JOB, standIn } from './forbidden-call.ts';
import { sandbox } from './sandbox-host.ts';

const TIMER = 'use flow.sleep()';
const NETWORK = 'call the network from a job, and the job with flow.run()';
const COLLECTED = 'when memory is collected differs from replay to replay; use a Map';

/** What to use instead of each forbidden global. */
const instead: Readonly<Record<string, string>> = {
  setTimeout: TIMER,
  setInterval: `${TIMER} in a loop`,
  setImmediate: 'use await Promise.resolve()',
  clearTimeout: TIMER,
  clearInterval: TIMER,
  clearImmediate: TIMER,
  fetch: NETWORK,
  XMLHttpRequest: NETWORK,
  WebSocket: NETWORK,
  EventSource: NETWORK,
  BroadcastChannel: 'send a signal from a job',
  MessageChannel: 'use promises',
  Worker: MOVE_INTO_JOB,
  require: 'import it at the top of the file, and use it in a job',
  WeakRef: COLLECTED,
  FinalizationRegistry: COLLECTED,
};

/** Replaces every way out of this realm. */
export const guardOutside = (): void => {
  for (const [name, what] of Object.entries(instead)) define(name, guard(name, what));
  define('process', guardProcess());
  define('queueMicrotask', (task: () => void) => void Promise.resolve().then(task));
  define('console', makeSilentConsole());
  for (const wait of ['wait', 'waitAsync']) Object.defineProperty(Atomics, wait, { value: guard(`Atomics.${wait}`, TIMER) });
  const temporal: unknown = Reflect.get(globalThis, 'Temporal');
  if (temporal !== undefined) Object.defineProperty(temporal, 'Now', { value: guard('Temporal.Now', 'use flow.now()') });
};

const define = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
};

const guard = (name: string, what: string) => standIn(name, () => what);

/** Libraries look at the process while they load, which is the same each time; a run that reads from it depends on where it runs. */
const guardProcess = (): object => {
  const blank: Readonly<Record<string, unknown>> = { env: {}, versions: {}, release: {}, argv: [], execArgv: [] };
  const forbidden = guard('process', 'hand what it tells into the run as input, or read it in a job');
  const read = (key: string): unknown => (sandbox.run === undefined ? blank[key] : forbidden[key]?.());
  return new Proxy(blank, { get: (_, key) => (typeof key === 'symbol' ? undefined : read(key)) });
};

const makeSilentConsole = (): object => new Proxy({}, { get: () => () => undefined });
