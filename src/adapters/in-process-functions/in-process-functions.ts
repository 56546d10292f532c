// Functions called in this very thread, for tests and the simulator: no workers, and no time but that of the clock it is given.
import type { Clock } from '../../ports/clock.ts';
import type { Functions, InvocationReport, InvocationResult } from '../../ports/functions.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Failure } from '../../protocol/payload.ts';

/** A function's handler: parsed JSON in, what can be written as JSON out. */
export type Handler = (request: unknown) => unknown;

/** How to make in-process functions. */
export interface InProcessFunctionsOptions {
  readonly clock: Clock;
  /** Handlers by the functions' names; looked up at each invocation, so they may be added and replaced. */
  readonly handlers: Readonly<Record<string, Handler>>;
}

const MEMORY_MB = 256;

/**
 * Makes functions of handlers.
 *
 * @example
 * const functions = createInProcessFunctions({ clock, handlers: { 'booking.decision@1': createDecisionHandler(workflows), 'starquake.timer': timerHandler } });
 */
export const createInProcessFunctions = ({ clock, handlers }: InProcessFunctionsOptions): Functions => {
  const warm = new Set<string>();
  let invocations = 0;

  return {
    invoke: (name, payload, { timeoutMs }) => {
      const startedAt = clock.now();
      const requestId = `in-process.${invocations++}`;
      const coldStart = !warm.has(name);
      warm.add(name);
      const makeReport = (): InvocationReport => {
        const durationMs = clock.now() - startedAt;
        return { requestId, durationMs, billedMs: Math.ceil(durationMs), memoryMb: MEMORY_MB, initMs: 0, coldStart, source: 'report' };
      };
      const refuse = (code: ErrorCode, message: string, retryable: boolean): InvocationResult => ({
        kind: 'failed',
        failure: describe(new StarquakeError(code, message)),
        retryable,
        report: makeReport(),
      });

      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
      if (handler === undefined) return Promise.resolve(refuse('FUNCTION_NOT_FOUND', `There is no function "${name}".`, true));
      const { promise, resolve } = Promise.withResolvers<InvocationResult>();
      const cancel = clock.setTimer(startedAt + timeoutMs, () =>
        resolve(refuse('FUNCTION_TIMED_OUT', `The function "${name}" did not answer within ${timeoutMs} ms.`, false)),
      );
      void call(handler, payload).then((answer) => {
        cancel();
        resolve({ ...answer, report: makeReport() });
      });
      return promise;
    },
  };
};

type Answer =
  | { readonly kind: 'answered'; readonly payload: string }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryable: false };

/** Only texts cross, as they would to a thread or a Lambda. */
const call = async (handler: Handler, payload: string): Promise<Answer> => {
  try {
    return { kind: 'answered', payload: JSON.stringify(await handler(JSON.parse(payload))) ?? 'null' };
  } catch (error) {
    return { kind: 'failed', failure: describe(error), retryable: false };
  }
};

const describe = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { code: 'FUNCTION_CRASHED', name: 'Error', message: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  return { code: typeof code === 'string' ? code : 'FUNCTION_CRASHED', name: error.name, message: error.message };
};
