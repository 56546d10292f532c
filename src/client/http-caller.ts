// One HTTP call of the client: what is not an answer becomes a StarquakeError.
import type { z } from 'zod';
import { isErrorCode } from '../protocol/errors.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { errorBodySchema, REQUEST_ID_HEADER } from './http-contract.ts';

/** A call. */
export interface HttpCall<S extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path and query, already encoded. */
  readonly path: string;
  readonly schema: S;
  readonly body?: unknown;
  readonly requestId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The server may take this long on purpose, in milliseconds. */
  readonly waitMs?: number;
}

/** Makes calls. */
export type HttpCaller = <S extends z.ZodType>(call: HttpCall<S>) => Promise<z.output<S>>;

/** What `fetch` is, as far as it is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A server that has said nothing for this long, beyond what it was asked to wait, is given up. */
const SILENCE_MS = 30_000;

/** @throws SETTINGS_INVALID if the URL is none */
export const createHttpCaller = (url: string, fetch: Fetch): HttpCaller => {
  if (!URL.canParse(url))
    throw new StarquakeError('SETTINGS_INVALID', `"${url}" is not a URL.`, { hint: 'Write it like http://127.0.0.1:4400.' });
  const base = url.replace(/\/+$/, '');
  return async (call) => {
    const response = await send(fetch, base, call);
    const text = await response.text();
    const json = parseJson(text);
    if (!response.ok) throw explainRefusal(response.status, json, text);
    const parsed = call.schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new StarquakeError('CONNECTION_FAILED', `What answers at ${base} is not a Starquake API, or one of another version.`, {
      cause: parsed.error,
    });
  };
};

const send = async (
  fetch: Fetch,
  base: string,
  { method, path, body, requestId, signal, waitMs = 0 }: HttpCall<z.ZodType>,
): Promise<Response> => {
  const patience = AbortSignal.timeout(waitMs + SILENCE_MS);
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (requestId !== undefined) headers[REQUEST_ID_HEADER] = requestId;
  try {
    return await fetch(`${base}${path}`, {
      method,
      headers,
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (patience.aborted) throw new StarquakeError('CALL_TIMED_OUT', `${base} did not answer in time.`, { cause: error });
    throw new StarquakeError('CONNECTION_FAILED', `Nobody answers at ${base}.`, { cause: error });
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it is no answer of the API; the caller says so.
    return undefined;
  }
};

const explainRefusal = (status: number, json: unknown, text: string): StarquakeError => {
  const said = errorBodySchema.safeParse(json).data;
  if (said !== undefined && isErrorCode(said.code)) return new StarquakeError(said.code, said.message, { hint: said.hint });
  return new StarquakeError('CONNECTION_FAILED', `The server answered ${status}: ${said?.message ?? text.slice(0, 200)}`);
};
