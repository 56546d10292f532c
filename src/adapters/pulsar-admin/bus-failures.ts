// Turns what goes wrong between here and a Pulsar into errors with a code and something to do about it.
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** An answer of Pulsar's web service that is not a success. */
export interface RefusedAnswer {
  readonly status: number;
  /** What Pulsar says about it. */
  readonly reason: string;
}

const QUOTA = /quota|backlog/i;

/**
 * Describes an answer that is not a success.
 *
 * @param doing - what was asked for, such as `creating the topic inbox`
 */
export const describeRefusal = (doing: string, { status, reason }: RefusedAnswer): StarquakeError => {
  const said = `Pulsar answered ${status} to ${doing}${reason === '' ? '.' : `: ${reason}`}`;
  if (status === 401 || status === 403) return new StarquakeError('BUS_REFUSED', said);
  if (status === 404) {
    return new StarquakeError('STORE_FAILED', said, {
      hint: 'The topic or its namespace does not exist: let the connector make them, which it does when it starts.',
    });
  }
  if (status === 429) return new StarquakeError('THROTTLED', said);
  if (QUOTA.test(reason)) {
    return new StarquakeError('STORE_FAILED', said, {
      hint: 'The backlog quota of the topic is used up: see which subscription stands still, or raise the quota. Nothing is dropped.',
    });
  }
  return new StarquakeError('STORE_FAILED', said, { hint: 'See the log of the broker; the call is repeated.' });
};

/** Describes a connection that could not be made or broke. */
export const describeUnreachable = (doing: string, address: string, cause: unknown): StarquakeError => {
  const why = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  return new StarquakeError('BUS_UNREACHABLE', `${address} could not be reached for ${doing}: ${why}`, { cause });
};

/** Describes a call that took too long. */
export const describeLate = (doing: string, timeoutMs: number): StarquakeError =>
  new StarquakeError('CALL_TIMED_OUT', `Pulsar did not answer to ${doing} within ${timeoutMs} ms.`);
