// Stands before an HTTP service and counts: the bytes on the link, and each exchange, shown to whoever wants to name it.
import { Agent, createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request and its answer. */
export interface Exchange {
  readonly path: string;
  /** The operation that AWS's JSON protocol names in a header: `PutItem`; empty where there is none. */
  readonly operation: string;
  readonly request: string;
  readonly answer: string;
  readonly status: number;
}

/** A proxy that runs. */
export interface CountingProxy {
  readonly endpoint: string;
  /** Bytes in both directions so far, heads included. */
  readonly bytes: number;
  stop(): Promise<void>;
}

const readBody = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const forward = (target: URL, agent: Agent, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, url, headers } = incoming;
    const { hostname, port } = target;
    const outgoing = sendRequest({ agent, hostname, port, method, path: url, headers }, resolve);
    outgoing.on('error', (error) => {
      // The service may end an idle connection while a request is on its way to it: that one was not seen.
      if (outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET')
        forward(target, agent, incoming, body).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(body);
  });

const readOperation = ({ headers }: IncomingMessage): string => {
  const target = headers['x-amz-target'];
  return typeof target === 'string' ? (target.split('.').at(-1) ?? '') : '';
};

/** Sums what went over connections, those that have ended included. */
const makeByteCounter = () => {
  const open = new Set<Socket>();
  let ended = 0;
  const measure = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten;
  return {
    add: (socket: Socket): void => {
      open.add(socket);
      socket.on('close', () => {
        open.delete(socket);
        ended += measure(socket);
      });
    },
    read: (): number => [...open].reduce((sum, socket) => sum + measure(socket), ended),
  };
};

/**
 * Opens a proxy on a free port of the loopback address.
 *
 * @param behind - URL of the service
 * @param onExchange - told of each exchange once it was answered
 */
export const openCountingProxy = async (
  behind: string,
  onExchange: (exchange: Exchange) => void = () => undefined,
): Promise<CountingProxy> => {
  const [target, agent, counter] = [new URL(behind), new Agent({ keepAlive: true, maxSockets: 1_000 }), makeByteCounter()];
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    const answered = await forward(target, agent, incoming, body);
    const answer = await readBody(answered);
    const status = answered.statusCode ?? 500;
    response.writeHead(status, answered.headers).end(answer);
    const { url: path = '' } = incoming;
    onExchange({ path, operation: readOperation(incoming), request: body.toString(), answer: answer.toString(), status });
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  // A connection that this side ends while a request is on its way would be counted as a fault of the service.
  server.keepAliveTimeout = 0;
  server.on('connection', counter.add);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    get bytes() {
      return counter.read();
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
};
