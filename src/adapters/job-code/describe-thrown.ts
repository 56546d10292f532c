// Turns whatever a job throws into a failure that travels.
import type { Failure } from '../../protocol/payload.ts';

const STACK_LINES = 20;

/** The failure that stands for what was thrown; anything but an error is JOB_THREW with its text. */
export const describeThrown = (thrown: unknown): Failure => {
  if (!(thrown instanceof Error)) return { code: 'JOB_THREW', name: 'JobThrew', message: describeValue(thrown) };
  const { code, data } = thrown as { readonly code?: unknown; readonly data?: unknown };
  return {
    code: typeof code === 'string' ? code : thrown.name,
    name: thrown.name,
    message: thrown.message,
    ...(typeof thrown.stack === 'string' && { stack: thrown.stack.split('\n', STACK_LINES).join('\n') }),
    ...(data !== undefined && isJson(data) && { data }),
  };
};

const describeValue = (value: unknown): string =>
  typeof value === 'object' && value !== null && isJson(value) ? JSON.stringify(value) : String(value);

const isJson = (value: unknown): boolean => {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
};
