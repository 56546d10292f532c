// Lambda's `Invoke` over HTTP, answering whatever a test says.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

/** One invocation that came. */
export interface Invoked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Which connection it came by; each has its own number. */
  readonly connection: number;
  readonly response: ServerResponse;
}

/** An answer. */
export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that speaks for Lambda. */
export interface FakeLambda {
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** All that came, in order. */
  readonly invoked: Invoked[];
  /** What to do with each that comes; answers `{}` by default. */
  onInvoke: (invoked: Invoked) => void;
  close(): Promise<void>;
}

/** Answers an invocation. */
export const say = ({ response }: Invoked, { status = 200, headers = {}, body = '{}' }: Said = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': 'request-1', ...headers });
  response.end(body);
};

/** Refuses an invocation, as Lambda writes it. */
export const sayError = (invoked: Invoked, status: number, type: string, fields: Readonly<Record<string, string>> = {}): void =>
  say(invoked, { status, headers: { 'x-amzn-errortype': type }, body: JSON.stringify({ Type: 'User', Message: 'because', ...fields }) });

/** Starts the server on a port of the loopback address. */
export const startFakeLambda = async (): Promise<FakeLambda> => {
  const invoked: Invoked[] = [];
  const connections = new Map<unknown, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const connection = connections.get(request.socket) ?? connections.size;
    connections.set(request.socket, connection);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', headers } = request;
      const came: Invoked = { url, headers, body: Buffer.concat(chunks).toString(), connection, response };
      invoked.push(came);
      fake.onInvoke(came);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const fake: FakeLambda = {
    client: { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    invoked,
    onInvoke: (came) => say(came),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
};
