// One invocation while it waits for its worker, and the results that it can come to.
import type { InvocationReport, InvocationResult } from '../../ports/functions.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Failure } from '../../protocol/payload.ts';
import type { WorkerAnswer } from './worker-messages.ts';

/** One version of a function, as it was installed. */
export interface InstalledFunction {
  /** Names this version to the workers. */
  readonly number: number;
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  readonly memoryMb: number;
}

/** An invocation that waits for its worker. */
export interface Invocation {
  readonly requestId: string;
  readonly function: InstalledFunction;
  readonly request: string;
  readonly startedAt: number;
  readonly timeoutMs: number;
  readonly resolve: (result: InvocationResult) => void;
}

/** Ends an invocation with what its worker answered. */
export const settle = (invocation: Invocation, { text, failed, durationMs, initMs }: WorkerAnswer): void => {
  const report = makeReport(invocation, durationMs, initMs);
  if (!failed) return invocation.resolve({ kind: 'answered', payload: text, report });
  const failure = JSON.parse(text) as Failure;
  invocation.resolve({ kind: 'failed', failure, retryable: false, report });
};

/** Ends an invocation for the platform's reasons. @param now - milliseconds since the epoch */
export const fail = (invocation: Invocation, now: number, code: ErrorCode, message: string, retryable: boolean): void => {
  const { name } = new StarquakeError(code, message);
  invocation.resolve({
    kind: 'failed',
    failure: { code, name, message },
    retryable,
    report: makeReport(invocation, now - invocation.startedAt, undefined),
  });
};

const makeReport = (
  { requestId, function: { memoryMb } }: Invocation,
  durationMs: number,
  initMs: number | undefined,
): InvocationReport => ({
  requestId,
  durationMs,
  billedMs: Math.ceil(durationMs + (initMs ?? 0)),
  memoryMb,
  initMs: initMs ?? 0,
  coldStart: initMs !== undefined,
  source: 'report',
});
