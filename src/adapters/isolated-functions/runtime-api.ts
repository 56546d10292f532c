// The Runtime API of Lambda as one instance sees it: what to do next, its answers, its errors.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** The largest answer that Lambda takes from a runtime, in bytes. */
export const ANSWER_LIMIT_BYTES = 6_291_556;

/** What the runtime of an instance says. */
export interface RuntimeListener {
  /** It has started, or ended an invocation, and asks for the next one. */
  onReady(): void;
  onAnswer(requestId: string, payload: string): void;
  onTooLarge(requestId: string): void;
  onError(requestId: string, payload: string): void;
  /** Its start failed. */
  onInitError(payload: string): void;
}

/** An invocation as the runtime is told of it. */
export interface NextInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly functionArn: string;
  readonly traceId: string;
}

/** The server of one instance. */
export interface RuntimeApi {
  /** Host and port. */
  readonly address: string;
  /** Gives the runtime, which asked for it, the next invocation. */
  give(invocation: NextInvocation): void;
  close(): void;
}

/** Opens the server of one instance on a port of the loopback address. */
export const openRuntimeApi = async (listener: RuntimeListener): Promise<RuntimeApi> => {
  let asking: ServerResponse | undefined;
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/2018-06-01/runtime/invocation/next') {
      asking = response;
      return listener.onReady();
    }
    // A runtime that ends in the middle has its end noticed by its process.
    take(request, listener).then(
      (status) => reply(response, status),
      () => response.destroy(),
    );
  });
  // An instance may be idle for as long as it likes.
  Object.assign(server, { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, timeout: 0 });
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
    give: ({ requestId, payload, deadline, functionArn, traceId }) => {
      asking?.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': String(deadline),
        'lambda-runtime-invoked-function-arn': functionArn,
        'lambda-runtime-trace-id': traceId,
      });
      asking?.end(payload);
      asking = undefined;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const reply = (response: ServerResponse, status: number): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end('{"status":"OK"}');
};

const take = async (request: IncomingMessage, listener: RuntimeListener): Promise<number> => {
  const payload = await readBody(request);
  const [, requestId = '', what] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(request.url ?? '') ?? [];
  if (request.method !== 'POST') return 404;
  if (request.url === '/2018-06-01/runtime/init/error') listener.onInitError(payload ?? '');
  else if (what === 'error') listener.onError(requestId, payload ?? '');
  else if (what === 'response' && payload === undefined) listener.onTooLarge(requestId);
  else if (what === 'response' && payload !== undefined) listener.onAnswer(requestId, payload);
  else return 404;
  return what === 'response' && payload === undefined ? 413 : 202;
};

/** Undefined for more than Lambda takes; the rest is read and dropped. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= ANSWER_LIMIT_BYTES) chunks.push(chunk);
  }
  return bytes > ANSWER_LIMIT_BYTES ? undefined : Buffer.concat(chunks).toString();
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
