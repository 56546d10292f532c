// How every client of AWS is set up: sockets kept alive, the SDK's own retries off, so that `callAws` alone decides on them.
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** Where AWS is, and who asks. */
export interface AwsPlace {
  /** By default that of the environment. */
  readonly region?: string;
  /** In place of AWS's own, for a stand-in. */
  readonly endpoint?: string;
  /** By default those of the environment, which are renewed by themselves. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Requests in flight at once, 256 by default. */
  readonly maxSockets?: number;
}

const ignore = (): void => undefined;

const MAX_SOCKETS = 256;
const CONNECT_TIMEOUT_MS = 3000;

/** The SDK writes on the console that requests wait for a socket, which is what the limit is for. */
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Settings for the constructor of any client. */
export const makeClientSettings = ({ maxSockets = MAX_SOCKETS, ...place }: AwsPlace) => ({
  ...place,
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    logger: SILENT,
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
  }),
});
