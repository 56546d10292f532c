// Asks AWS until it answers or the deadline is over: throttling and broken connections are asked again after a random wait.
import { setTimeout as pause } from 'node:timers/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { readTrouble, type Trouble } from './read-trouble.ts';

/** One call, which may take several requests. */
export interface AwsCall {
  /** Names it in errors: `dynamodb.append`. */
  readonly operation: string;
  /** After this long it is given up, milliseconds. */
  readonly timeoutMs: number;
  /** A request that takes longer is taken for lost and sent again, milliseconds; by default half of the whole. */
  readonly requestMs?: number;
}

/** One request of a call. */
export interface AwsRequest {
  /** Ends the request at its deadline. */
  readonly signal: AbortSignal;
  /** Counts from 1: above it, an earlier request may have been carried out although its answer was lost. */
  readonly number: number;
}

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 2000;
const SHORTEST_REQUEST_MS = 1000;
const REQUESTS_PER_CALL = 2;

/** Full jitter: anything from nothing to a bound that doubles, so that those who were refused together do not come back together. */
const chooseWait = (failures: number): number => Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

const giveUp = ({ operation, timeoutMs }: AwsCall, trouble: Trouble | undefined, cause: unknown): StarquakeError =>
  trouble === 'throttled'
    ? new StarquakeError('THROTTLED', `${operation} was asked to slow down for ${timeoutMs} ms.`, { cause })
    : new StarquakeError('CALL_TIMED_OUT', `${operation} was not answered within ${timeoutMs} ms; at last: ${describe(cause)}.`, { cause });

/**
 * The answer to a call. What the caller expects to be refused (a condition, a missing object) `send` turns into an answer itself.
 * The network keeps real time, whatever a test's clock says.
 *
 * @param call - its name and its deadline
 * @param send - sends one request; the SDK's own retries must be off
 * @throws THROTTLED, CALL_TIMED_OUT at the deadline; STORE_FAILED when it was refused for good
 */
export const callAws = async <T>(call: AwsCall, send: (request: AwsRequest) => Promise<T>): Promise<T> => {
  const ends = performance.now() + call.timeoutMs;
  const requestMs = Math.max(Math.ceil(call.requestMs ?? call.timeoutMs / REQUESTS_PER_CALL), SHORTEST_REQUEST_MS);
  for (let number = 1; ; number++) {
    const left = Math.ceil(ends - performance.now());
    let trouble: Trouble;
    try {
      return await send({ signal: AbortSignal.timeout(Math.max(0, Math.min(left, requestMs))), number });
    } catch (error) {
      if (error instanceof StarquakeError) throw error;
      trouble = readTrouble(error);
      if (trouble === 'refused') {
        throw new StarquakeError('STORE_FAILED', `${call.operation} was refused: ${describe(error)}.`, {
          hint: 'See the cause: no permission, a missing table or bucket, or a request that is not valid.',
          cause: error,
        });
      }
      const wait = chooseWait(number);
      if (performance.now() + wait >= ends) throw giveUp(call, trouble, error);
      await pause(wait);
    }
  }
};
