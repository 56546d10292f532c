// One call of Pulsar's admin REST API, sent on to the broker that owns the topic when the first one says so.
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { describeLate, describeRefusal, describeUnreachable } from './bus-failures.ts';
import { makeHeaders, readCredentials, type Credentials, type PulsarAccess } from './pulsar-access.ts';

/** What to call. */
export interface AdminCall {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** After `/admin/v2/`. */
  readonly path: string;
  /** Of another service on the same port, in place of `/admin/v2/`. */
  readonly root?: string;
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
  /** What the clock of the broker said, as milliseconds since the epoch of a whole second; undefined when it did not say. */
  readonly servedAt: number | undefined;
}

const MOST_REDIRECTS = 5;
const LONGEST_REASON = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
/** Two who change the same thing at the same time: the one that came second has only to ask again. */
const BUSY = /fence|busy|concurrent|version/i;

/** Worth asking again: two who change the same thing, or a topic on its way from one broker to another. All calls may be repeated. */
const mayPass = (status: number, reason: string): boolean => status >= 500 || ((status === 409 || status === 412) && BUSY.test(reason));

/**
 * Calls the admin API; what may pass is asked again until the time is over.
 *
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED
 */
export const callAdmin = async (access: PulsarAccess, call: AdminCall, timeoutMs: number): Promise<AdminAnswer> => {
  const credentials = await readCredentials(access);
  const signal = AbortSignal.timeout(timeoutMs);
  for (let tries = 0; ; tries++) {
    const { status, text, date } = await follow(access.webUrl, call, credentials, signal).catch((error: unknown) => {
      if (error instanceof StarquakeError) throw error;
      throw signal.aborted ? describeLate(call.doing, timeoutMs) : describeUnreachable(call.doing, access.webUrl, error);
    });
    if ((status >= 200 && status < 300) || call.accepts?.includes(status)) {
      const servedAt = Date.parse(date ?? '');
      return { status, value: parseAnswer(text), servedAt: Number.isNaN(servedAt) ? undefined : servedAt };
    }
    const refusal = describeRefusal(call.doing, { status, reason: readReason(text) });
    if (!mayPass(status, refusal.message)) throw refusal;
    await setTimeout(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries), undefined, { signal }).catch(() => {
      throw refusal;
    });
  }
};

/** Sends the call, and sends it on to the broker that it is sent to. */
const follow = async (webUrl: string, call: AdminCall, credentials: Credentials, signal: AbortSignal): Promise<RawAnswer> => {
  let url = new URL(`${call.root ?? '/admin/v2/'}${call.path}`, webUrl);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await send(url, call, credentials, signal).catch((error: unknown): RawAnswer => {
      // The broker that owns the topic is gone; soon another one owns it.
      if (redirects > 0 && !signal.aborted) return { status: 503, text: String(error), location: undefined, date: undefined };
      throw error;
    });
    if ((answer.status !== 307 && answer.status !== 302) || answer.location === undefined) return answer;
    url = new URL(answer.location, url);
  }
  throw new StarquakeError('STORE_FAILED', `Pulsar sent ${call.doing} from broker to broker ${MOST_REDIRECTS} times.`, {
    hint: 'No broker owns the topic at the moment; the call is repeated.',
  });
};

interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
  readonly date: string | undefined;
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
          date: answer.headers.date,
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
