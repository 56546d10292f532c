// Opens the API's port, and closes it without cutting anybody off in mid-answer.
import { createAdaptorServer } from '@hono/node-server';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Projection } from '../query/projection.ts';
import type { ApiPorts } from './api-context.ts';
import { createApi } from './create-api.ts';

/** Where and how the API listens. */
export interface ApiOptions {
  /** 0 takes any free port. Default 4400. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How long a request waits for its outcome, in milliseconds. Default 10 s. */
  readonly requestTimeoutMs?: number;
}

/** An API that listens. */
export interface Api {
  readonly url: string;
  close(): Promise<void>;
}

/** How long open answers may take to end when the API closes. */
const CLOSING_MS = 2_000;

/**
 * Starts the HTTP API.
 *
 * @throws ADDRESS_IN_USE if another process has the port
 * @example
 * const api = await startApi(ports, projection, { port: 4400 });
 */
export const startApi = async (ports: ApiPorts, projection: Projection, options: ApiOptions = {}): Promise<Api> => {
  const { port = 4400, host = '127.0.0.1', requestTimeoutMs = 10_000 } = options;
  const closing = new AbortController();
  const { fetch } = createApi({ ports, projection, requestTimeoutMs, closing: closing.signal });
  const server = createAdaptorServer({ fetch });
  const taken = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: Error) => reject(explain(error, host, port)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return {
    url: `http://${host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        const cancel = ports.clock.setTimer(
          ports.clock.now() + CLOSING_MS,
          () => 'closeAllConnections' in server && server.closeAllConnections(),
        );
        server.close(() => {
          cancel();
          resolve();
        });
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      }),
  };
};

const explain = (error: Error, host: string, port: number): StarquakeError =>
  'code' in error && error.code === 'EADDRINUSE'
    ? new StarquakeError('ADDRESS_IN_USE', `Port ${port} of ${host} is taken by another process.`, { cause: error })
    : new StarquakeError('SETTINGS_INVALID', `The API cannot listen on ${host}:${port}: ${error.message}.`, { cause: error });
