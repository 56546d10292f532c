// Writes the errors that Lambda answers for a function that did not answer itself.
import type { IsolatedInvocation } from './isolated-function.ts';
import type { EndStatus } from './write-log.ts';

/** How an invocation ended, as the platform sees it. */
export interface Ending {
  /** The answer, or the error, as JSON text. */
  readonly payload: string;
  readonly status: EndStatus;
  readonly errorType?: string;
  /** What the platform writes of it into the log. */
  readonly note?: string;
}

/** Why a process was killed; undefined when it ended by itself. */
export type KillReason = 'timeout' | 'memory' | undefined;

/** Of an answer that Lambda does not take. */
export const tooLarge: Ending = {
  payload: JSON.stringify({
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    errorType: 'Function.ResponseSizeTooLarge',
  }),
  status: 'error',
  errorType: 'Function.ResponseSizeTooLarge',
};

/** Of a function whose process ended. @param how - `exit status 1`, `signal: killed` */
export const explainEnd = ({ requestId, timeoutMs }: IsolatedInvocation, killedFor: KillReason, how: string): Ending => {
  if (killedFor === 'timeout') {
    const reason = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
    const note = `${new Date().toISOString()} ${requestId} ${reason}\n\n`;
    return { payload: writeError('Sandbox.Timedout', requestId, reason), status: 'timeout', note };
  }
  const exited = `Runtime exited with error: ${how}`;
  const [errorType, reason] = killedFor === 'memory' ? (['Runtime.OutOfMemory', exited] as const) : explainExit(how, exited);
  const note = `RequestId: ${requestId} Error: ${reason}\n${errorType}\n`;
  return { payload: writeError(errorType, requestId, reason), status: 'error', errorType, note };
};

/** A process that waits for nothing ends as if all were well: with 0, or with 13 while it is loaded. */
const explainExit = (how: string, exited: string): readonly [errorType: string, reason: string] =>
  how === 'exit status 0' || how === 'exit status 13'
    ? ['Runtime.NodeJsExit', 'The process ended without an answer. This is most commonly caused by a Promise that was never settled.']
    : ['Runtime.ExitError', exited];

const writeError = (errorType: string, requestId: string, reason: string): string =>
  JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${reason}` });
