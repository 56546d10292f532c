// Turns the native client's texts about what went wrong into errors with a code and something to do about it.
import type { ErrorCode } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** What the client calls a result, and the code that it gets; the first that fits counts. */
const codes: readonly (readonly [result: RegExp, code: ErrorCode])[] = [
  [/Authenticat|Authoriz|NotAllowed/i, 'BUS_REFUSED'],
  [/MessageTooBig/i, 'PAYLOAD_TOO_LARGE'],
  [/QueueIsFull|TooManyLookup|Throttl/i, 'THROTTLED'],
  [/Time.?Out/i, 'CALL_TIMED_OUT'],
  [/Connect|Disconnected|ServiceUnit|Lookup|Retryable|AlreadyClosed|InvalidUrl/i, 'BUS_UNREACHABLE'],
];

/** Describes a failure of the native client. @param doing - such as `publishing on inbox` */
export const describeNativeFailure = (doing: string, error: unknown): StarquakeError => {
  if (error instanceof StarquakeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = codes.find(([result]) => result.test(text))?.[1] ?? 'STORE_FAILED';
  return new StarquakeError(code, `Pulsar's native client failed at ${doing}: ${text}`, { cause: error });
};
