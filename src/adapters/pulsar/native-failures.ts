// Turns the native client's texts about what went wrong into errors with a code and something to do about it.
import type { ErrorCode } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';

const QUOTA_HINT =
  'The backlog quota of the topic is used up: see which subscription stands still, or raise the quota. Nothing is dropped.';
const MISSING_HINT = 'The topic or its namespace does not exist: let the connector make them, which it does when it starts.';

/** What the client calls a result, the code that it gets, and what to do where the code says too little; the first that fits counts. */
const codes: readonly (readonly [result: RegExp, code: ErrorCode, hint?: string])[] = [
  [/Quota|backlog/i, 'STORE_FAILED', QUOTA_HINT],
  [/TopicNotFound/i, 'STORE_FAILED', MISSING_HINT],
  [/Authenticat|Authoriz|NotAllowed/i, 'BUS_REFUSED'],
  [/MessageTooBig/i, 'PAYLOAD_TOO_LARGE'],
  [/QueueIsFull|BufferIsFull|TooManyLookup|Throttl/i, 'THROTTLED'],
  [/Time.?Out/i, 'CALL_TIMED_OUT'],
  [/Connect|ServiceUnit|Lookup|Retryable|AlreadyClosed|InvalidUrl|ReadError/i, 'BUS_UNREACHABLE'],
];

/** Describes a failure of the native client. @param doing - such as `publishing on inbox` */
export const describeNativeFailure = (doing: string, error: unknown): StarquakeError => {
  if (error instanceof StarquakeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [, code = 'STORE_FAILED', hint] = codes.find(([result]) => result.test(text)) ?? [];
  return new StarquakeError(code, `Pulsar's native client failed at ${doing}: ${text}`, {
    cause: error,
    ...(hint !== undefined && { hint }),
  });
};
