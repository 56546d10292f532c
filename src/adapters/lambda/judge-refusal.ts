// Tells why Lambda refused an invocation, or what kept it from answering, by the errors that the AWS SDK throws.
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Failure } from '../../protocol/payload.ts';

/** Why an invocation has no answer. */
export interface Refusal {
  readonly failure: Failure;
  /** Whether it is Lambda's fault, or that of how the function is deployed, and not that of the request. */
  readonly retryable: boolean;
  /** For THROTTLED: not before this many milliseconds; undefined when Lambda does not say. */
  readonly retryAfterMs?: number;
}

/** By the names of Lambda's errors; what is not named goes by its status. */
const codes: Readonly<Record<string, ErrorCode>> = {
  TooManyRequestsException: 'THROTTLED',
  EC2ThrottledException: 'THROTTLED',
  ThrottlingException: 'THROTTLED',
  ResourceNotFoundException: 'FUNCTION_NOT_FOUND',
  AccessDeniedException: 'FUNCTION_FORBIDDEN',
  UnrecognizedClientException: 'FUNCTION_FORBIDDEN',
  ExpiredTokenException: 'FUNCTION_FORBIDDEN',
  InvalidSignatureException: 'FUNCTION_FORBIDDEN',
  IncompleteSignatureException: 'FUNCTION_FORBIDDEN',
  MissingAuthenticationTokenException: 'FUNCTION_FORBIDDEN',
  CredentialsProviderError: 'FUNCTION_FORBIDDEN',
  RequestTooLargeException: 'PAYLOAD_TOO_LARGE',
  SerializedRequestEntityTooLargeException: 'PAYLOAD_TOO_LARGE',
  InvalidParameterValueException: 'FUNCTION_UNUSABLE',
  InvalidRequestContentException: 'FUNCTION_UNUSABLE',
  UnsupportedMediaTypeException: 'FUNCTION_UNUSABLE',
  InvalidRuntimeException: 'FUNCTION_UNUSABLE',
  InvalidZipFileException: 'FUNCTION_UNUSABLE',
  InvalidSecurityGroupIDException: 'FUNCTION_UNUSABLE',
  InvalidSubnetIDException: 'FUNCTION_UNUSABLE',
  KMSAccessDeniedException: 'FUNCTION_UNUSABLE',
  KMSDisabledException: 'FUNCTION_UNUSABLE',
  KMSInvalidStateException: 'FUNCTION_UNUSABLE',
  KMSNotFoundException: 'FUNCTION_UNUSABLE',
  RecursiveInvocationException: 'FUNCTION_UNUSABLE',
  EC2AccessDeniedException: 'FUNCTION_UNUSABLE',
  ResourceConflictException: 'FUNCTION_UNAVAILABLE',
  ResourceNotReadyException: 'FUNCTION_UNAVAILABLE',
  SnapStartNotReadyException: 'FUNCTION_UNAVAILABLE',
  SnapStartTimeoutException: 'FUNCTION_UNAVAILABLE',
  SnapStartException: 'FUNCTION_UNAVAILABLE',
  EC2UnexpectedException: 'FUNCTION_UNAVAILABLE',
  EFSIOException: 'FUNCTION_UNAVAILABLE',
  EFSMountConnectivityException: 'FUNCTION_UNAVAILABLE',
  EFSMountFailureException: 'FUNCTION_UNAVAILABLE',
  EFSMountTimeoutException: 'FUNCTION_UNAVAILABLE',
  ENILimitReachedException: 'FUNCTION_UNAVAILABLE',
  ENINotReadyException: 'FUNCTION_UNAVAILABLE',
  SubnetIPAddressLimitReachedException: 'FUNCTION_UNAVAILABLE',
};

/** Errors of the network before anything was sent. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'ECONNABORTED', 'EMFILE']);

const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'FUNCTION_FORBIDDEN',
  403: 'FUNCTION_FORBIDDEN',
  404: 'FUNCTION_NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'THROTTLED',
};

/** What an error of the SDK or of Node's sockets may have. */
interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly reason: string;
  readonly retryAfter: number;
  readonly status: number;
}

/**
 * Judges an error that the SDK threw.
 *
 * The codes say what may be done: THROTTLED, FUNCTION_UNAVAILABLE, FUNCTION_NOT_FOUND, FUNCTION_FORBIDDEN and FUNCTION_UNUSABLE mean
 * that the function has not begun; FUNCTION_UNANSWERED that nobody knows; PAYLOAD_TOO_LARGE that the same request never will.
 *
 * @param name - names the function in messages
 */
export const judgeRefusal = (name: string, error: unknown): Refusal => {
  const parts = readParts(error);
  const code = findCode(parts);
  const { retryAfter } = parts;
  return {
    failure: { code, name: 'StarquakeError', message: describe(name, code, parts) },
    retryable: code !== 'PAYLOAD_TOO_LARGE',
    ...(code === 'THROTTLED' && Number.isFinite(retryAfter) && { retryAfterMs: retryAfter * 1000 }),
  };
};

const findCode = ({ name, code, status }: ErrorParts): ErrorCode => {
  const known = Object.hasOwn(codes, name) ? codes[name] : byStatus[status];
  if (known !== undefined) return known;
  if (status >= 400 && status < 500) return 'FUNCTION_UNUSABLE';
  // The SDK calls broken connections timeouts as well: those have the code of the socket, one that was never made has none.
  const neverSent = NOT_CONNECTED.has(code) || (name === 'TimeoutError' && code === '');
  return status === 0 && neverSent ? 'FUNCTION_UNAVAILABLE' : 'FUNCTION_UNANSWERED';
};

const describe = (name: string, code: ErrorCode, { name: error, message, reason }: ErrorParts): string => {
  const why = `${error}${reason === '' ? '' : ` (${reason})`}: ${message}`;
  if (code === 'FUNCTION_NOT_FOUND') return `There is no function "${name}" on Lambda: ${why}`;
  if (code === 'FUNCTION_FORBIDDEN') return `The function "${name}" may not be invoked: ${why}`;
  if (code === 'FUNCTION_UNANSWERED') return `It is not known whether the function "${name}" ran: ${why}`;
  return `Lambda did not run the function "${name}": ${why}`;
};

const readParts = (error: unknown): ErrorParts => {
  const read = (key: string, from: unknown = error): unknown =>
    typeof from === 'object' && from !== null ? Reflect.get(from, key) : undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const metadata = read('$metadata');
  const status = read('httpStatusCode', metadata);
  return {
    name: text(read('name')) || 'Error',
    message: text(read('message')) || String(error),
    code: text(read('code')),
    reason: text(read('Reason')),
    retryAfter: Number.parseFloat(text(read('retryAfterSeconds'))),
    status: typeof status === 'number' ? status : 0,
  };
};
