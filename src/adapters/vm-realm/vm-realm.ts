// The realm of rule 8 over node:vm: a context whose own microtask queue is drained after every step, and a watchdog around whole decisions.
import vm from 'node:vm';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Realm, RealmHost, WorkflowRuntime } from '../../ports/realm.ts';

/** Evaluating anything in the context drains its microtasks afterwards; nothing is the cheapest to evaluate. */
const drain = new vm.Script('0', { filename: 'starquake:drain' });

/** The watchdog of node:vm guards scripts only, so the call to guard is put where a script finds it, and no author's code does. */
const limited = vm.createContext(vm.constants.DONT_CONTEXTIFY) as { call: (() => void) | undefined };
const callLimited = new vm.Script('call()', { filename: 'starquake:limit' });

/** Run in the realm: a host of its own, so that neither a function nor an error from outside can be reached through it. */
const installHost = new vm.Script(
  `(findNextOccurrence) => {
    const host = Object.freeze({
      findNextOccurrence: (rule, after) => {
        let answer;
        try { answer = findNextOccurrence(String(rule), Number(after)); } catch { answer = '!The calendar could not be read.'; }
        return answer;
      },
    });
    Object.defineProperty(globalThis, 'starquakeHost', { value: host });
  }`,
  { filename: 'starquake:host' },
);

/**
 * Makes an empty realm: a fresh global with nothing of Node in it, and no code from strings.
 *
 * @example
 * const runtime = makeVmRealm().evaluate(bundleText, host);
 */
export const makeVmRealm = (): Realm => {
  const context: vm.Context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    name: 'starquake',
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: false, wasm: false },
  });
  return {
    evaluate: (source, host) => evaluate(context, source, host),
    step: (fn) => {
      try {
        fn();
      } finally {
        drain.runInContext(context);
      }
    },
    limit,
  };
};

const evaluate = (context: vm.Context, source: string, host: RealmHost): WorkflowRuntime => {
  const giveHost = installHost.runInContext(context) as (find: RealmHost['findNextOccurrence']) => void;
  giveHost((rule, after) => findSafely(host, rule, after));
  crossing(() => void new vm.Script(source, { filename: 'starquake:workflows' }).runInContext(context));
  const runtime: unknown = vm.runInContext('globalThis.starquakeRuntime', context);
  if (!isRuntime(runtime))
    throw new StarquakeError('DECISION_CRASHED', 'The workflow bundle left no runtime in its realm: it is not a bundle of this release.');
  return {
    open: (input) => crossing(() => Number(runtime.open(input))),
    deliver: () => crossing(() => runtime.deliver()),
    close: () => crossing(() => String(runtime.close())),
    abandon: () => crossing(() => runtime.abandon()),
  };
};

const findSafely = (host: RealmHost, rule: string, after: number): string => {
  try {
    return host.findNextOccurrence(rule, after);
  } catch (error) {
    return `!${error instanceof Error ? error.message : String(error)}`;
  }
};

const limit = <T>(fn: () => T, limitMs: number): T => {
  const returned: { value: T }[] = [];
  const outer = limited.call;
  limited.call = () => {
    returned.push({ value: fn() });
  };
  try {
    callLimited.runInContext(limited, { timeout: Math.max(1, Math.ceil(limitMs)) });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new StarquakeError('DECISION_TIMED_OUT', `The workflow code was cut off after ${limitMs} ms: it did not come to rest.`);
  } finally {
    limited.call = outer;
  }
  const [result] = returned;
  if (result === undefined) throw new StarquakeError('INTERNAL', 'A limited call ended without returning.');
  return result.value;
};

/** The error belongs to the context of the watchdog: it is no instance of this one's Error. */
const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** Calls into the realm; what it throws is remade here, because an error of another realm is no Error to anyone else. */
const crossing = <T>(call: () => T): T => {
  try {
    return call();
  } catch (error) {
    throw error instanceof Error ? error : remake(error);
  }
};

const remake = (thrown: unknown): Error => {
  const { name, message, stack, code } = Object(thrown) as Partial<Record<'name' | 'message' | 'stack' | 'code', unknown>>;
  const error = new Error(typeof message === 'string' ? message : String(thrown));
  if (typeof name === 'string') error.name = name;
  if (typeof stack === 'string') error.stack = stack;
  return typeof code === 'string' ? Object.assign(error, { code }) : error;
};

const isRuntime = (value: unknown): value is WorkflowRuntime =>
  typeof value === 'object' &&
  value !== null &&
  ['open', 'deliver', 'close', 'abandon'].every((name) => typeof Reflect.get(value, name) === 'function');
