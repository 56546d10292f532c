// Tells what a function's error was: its own, or the end that the platform put to it.
import { z } from 'zod';
import { isErrorCode, type ErrorCode } from '../../protocol/errors.ts';
import type { Failure } from '../../protocol/payload.ts';
import type { LambdaReport } from './parse-report.ts';

/** How the runtimes of all languages write an error. */
const errorSchema = z.object({
  errorType: z.string().catch(''),
  errorMessage: z.string().catch(''),
  /** Node has `trace`, Python and others `stackTrace`, of lines or of frames. */
  trace: z.array(z.string()).optional().catch(undefined),
  stackTrace: z.array(z.string()).optional().catch(undefined),
});

/** A function's error, and what Lambda says around it. */
export interface FunctionErrorText {
  /** Names the function in messages. */
  readonly name: string;
  readonly payload: string;
  /** The end of the function's log. */
  readonly tail: string;
  readonly report: LambdaReport | undefined;
}

const LONGEST_MESSAGE = 4096;
const PLATFORM = /^(Runtime|Sandbox|Extension|Function)\./;

/**
 * Reads the error of a function that failed.
 *
 * An error of the function's own has the code FUNCTION_CRASHED, unless the name that it goes by is a code of the catalogue:
 * Lambda passes on an error's name, its message and its stack, and nothing else.
 */
export const readFunctionError = ({ name, payload, tail, report }: FunctionErrorText): Failure => {
  const { errorType, errorMessage, trace, stackTrace } = parseError(payload);
  const code = findPlatformCode(errorType, errorMessage, tail, report);
  if (code !== undefined)
    return { code, name: 'StarquakeError', message: describeEnd(name, code, errorMessage === '' ? errorType : errorMessage) };
  const stack = trace ?? stackTrace;
  return {
    code: isErrorCode(errorType) ? errorType : 'FUNCTION_CRASHED',
    name: errorType === '' ? 'Error' : errorType,
    message: errorMessage.slice(0, LONGEST_MESSAGE),
    ...(stack && stack.length > 0 && { stack: stack.join('\n') }),
  };
};

const parseError = (payload: string): z.infer<typeof errorSchema> => {
  try {
    return errorSchema.parse(JSON.parse(payload));
  } catch {
    // A runtime of somebody's own may write anything.
    return { errorType: '', errorMessage: payload };
  }
};

/** The code of an end that the platform put to the function; undefined for an error of its own. */
const findPlatformCode = (type: string, message: string, tail: string, report: LambdaReport | undefined): ErrorCode | undefined => {
  if (type === 'Sandbox.Timedout' || (type === '' && message.includes('Task timed out after '))) return 'FUNCTION_TIMED_OUT';
  if (type === 'Function.ResponseSizeTooLarge' || message.startsWith('Response payload size exceeded')) return 'PAYLOAD_TOO_LARGE';
  if (type === 'Runtime.OutOfMemory') return 'FUNCTION_OUT_OF_MEMORY';
  if (type === 'Runtime.ExitError' && isMemoryUsedUp(message, tail, report)) return 'FUNCTION_OUT_OF_MEMORY';
  return PLATFORM.test(type) || (type === '' && message.includes('Process exited before completing')) ? 'FUNCTION_CRASHED' : undefined;
};

/** The runtime was killed at its limit, or its heap ended it before. */
const isMemoryUsedUp = (message: string, tail: string, report: LambdaReport | undefined): boolean =>
  tail.includes('heap out of memory') ||
  (message.includes('signal: killed') && (report === undefined || report.maxMemoryMb >= report.memoryMb));

const describeEnd = (name: string, code: ErrorCode, reason: string): string => {
  if (code === 'FUNCTION_TIMED_OUT') return `The function "${name}" did not answer within its own timeout: ${reason}`;
  if (code === 'FUNCTION_OUT_OF_MEMORY') return `The function "${name}" used up its memory: ${reason}`;
  if (code === 'PAYLOAD_TOO_LARGE') return `The answer of the function "${name}" is larger than Lambda lets through: ${reason}`;
  return `The function "${name}" ended before it answered: ${reason}`;
};
