// One call of Pulsar's admin REST API, sent on to the broker that owns the topic when the first one says so.
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { describeLate, describeRefusal, describeUnreachable } from './bus-failures.ts';
import { makeHeaders, readCredentials, type Credentials, type PulsarAccess } from './pulsar-access.ts';

/** What to call. */
export interface AdminCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** After `/admin/v2/`. */
  readonly path: string;
  readonly body?: unknown;
  /** For errors, such as `creating the topic inbox`. */
  readonly doing: string;
  /** Statuses beside success that are an answer too. */
  readonly accepts?: readonly number[];
}

/** What came back. */
export interface AdminAnswer {
  readonly status: number;
  /** The answer's JSON; undefined when it has none. */
  readonly value: unknown;
}

const MOST_REDIRECTS = 5;
const LONGEST_REASON = 500;

/**
 * Calls the admin API.
 *
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED
 */
export const callAdmin = async (access: PulsarAccess, call: AdminCall, timeoutMs: number): Promise<AdminAnswer> => {
  const credentials = await readCredentials(access);
  const signal = AbortSignal.timeout(timeoutMs);
  let url = new URL(`/admin/v2/${call.path}`, access.webUrl);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await send(url, call, credentials, signal).catch((error: unknown) => {
      throw signal.aborted ? describeLate(call.doing, timeoutMs) : describeUnreachable(call.doing, url.origin, error);
    });
    const { status, text, location } = answer;
    if ((status === 307 || status === 302) && location !== undefined) {
      url = new URL(location, url);
      continue;
    }
    if ((status >= 200 && status < 300) || call.accepts?.includes(status)) return { status, value: parseAnswer(text) };
    throw describeRefusal(call.doing, { status, reason: readReason(text) });
  }
  throw new StarquakeError('STORE_FAILED', `Pulsar sent ${call.doing} from broker to broker ${MOST_REDIRECTS} times.`, {
    hint: 'No broker owns the topic at the moment; the call is repeated.',
  });
};

interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}

const send = (url: URL, { method, body }: AdminCall, credentials: Credentials, signal: AbortSignal): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { ca, cert, key } = credentials;
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...makeHeaders(credentials),
      ...(content !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) }),
    };
    const receive = (answer: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          location: answer.headers.location,
        }),
      );
    };
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { method, headers, signal, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }, receive)
        : requestHttp(url, { method, headers, signal }, receive);
    request.on('error', reject);
    request.end(content);
  });

const parseAnswer = (text: string): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Some answers are plain text.
    return text;
  }
};

const readReason = (text: string): string => {
  const value = parseAnswer(text);
  if (typeof value === 'object' && value !== null && 'reason' in value) return String(value.reason).slice(0, LONGEST_REASON);
  return typeof value === 'string' && !value.trimStart().startsWith('<') ? value.trim().slice(0, LONGEST_REASON) : '';
};
