// Tells what went wrong with a call to AWS: whether asking again may help, and whether it was asked to slow down.

/** What became of a call: `throttled` and `passing` are asked again, `refused` is not. */
export type Trouble = 'throttled' | 'passing' | 'refused';

const THROTTLED_NAMES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
]);

const PASSING_NAMES = new Set([
  'AbortError',
  'InternalError',
  'InternalServerError',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'TimeoutError',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/** The connection broke, could not be made, or brought something else than was sent. */
const PASSING_CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

const TOO_MANY = 429;
const SERVER_FAILED = 500;

const readText = (error: object, field: string): string => {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
};

const readStatus = (error: object): number => {
  const metadata: unknown = Reflect.get(error, '$metadata');
  const status: unknown = Reflect.get(Object(metadata), 'httpStatusCode');
  return typeof status === 'number' ? status : 0;
};

/** The name of an error, as AWS gives it. */
export const readErrorName = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Reads an error of the SDK. */
export const readTrouble = (error: unknown): Trouble => {
  if (!(error instanceof Error)) return 'refused';
  const status = readStatus(error);
  if (THROTTLED_NAMES.has(error.name) || status === TOO_MANY) return 'throttled';
  if (PASSING_NAMES.has(error.name) || status >= SERVER_FAILED || PASSING_CODES.has(readText(error, 'code'))) return 'passing';
  // What came back was cut off or garbled on its way.
  return status === 0 && (error instanceof SyntaxError || /socket hang up|checksum|aborted/i.test(error.message)) ? 'passing' : 'refused';
};
