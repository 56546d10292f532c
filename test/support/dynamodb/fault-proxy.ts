// Stands before a service of AWS and spoils chosen requests: throttles, loses answers, breaks connections, holds them up.
import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What becomes of a request. */
export type Fault =
  /** Refused, as DynamoDB throttles. */
  | { readonly kind: 'throttle' }
  /** Refused for good, without being carried out. */
  | { readonly kind: 'refuse' }
  /** Answered with 500, without being carried out. */
  | { readonly kind: 'fail' }
  /** Carried out, and the connection ends without the answer. */
  | { readonly kind: 'lose-answer' }
  /** The connection ends before it is carried out. */
  | { readonly kind: 'reset' }
  /** Never answered, never carried out. */
  | { readonly kind: 'hang' }
  /** Carried out once `until` is resolved. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** A batch of writes of which none is carried out, and which is answered as DynamoDB does then. */
  | { readonly kind: 'unprocessed' };

/** Which requests meet a fault. */
export interface FaultPlan {
  readonly fault: Fault;
  /** How many of them; all by default. */
  readonly times?: number;
  /** @param operation - `PutItem`, or the method of a request that names none @param body - its text */
  readonly matches: (operation: string, body: string) => boolean;
}

/** A proxy that runs. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Operations that came through, in order. */
  readonly seen: readonly string[];
  inject(plan: FaultPlan): void;
  /** Takes all faults back, and forgets what was seen. */
  clear(): void;
  stop(): Promise<void>;
}

interface KeptPlan extends FaultPlan {
  left: number;
}

const THROTTLING = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

const readBody = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const readRequestItems = (body: Buffer): unknown => Reflect.get(Object(JSON.parse(body.toString())), 'RequestItems');

interface Answer {
  readonly head: IncomingMessage;
  readonly body: Buffer;
}

const forward = ({ method, url, headers }: IncomingMessage, body: Buffer, port: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = sendRequest({ host: '127.0.0.1', port, method, path: url, headers }, (head) => {
      readBody(head).then((received) => resolve({ head, body: received }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

/** What comes of the request without the server behind; undefined if it is to be carried out. */
const refuse = (
  fault: Fault | undefined,
  body: Buffer,
): { readonly status: number; readonly text: string } | 'reset' | 'hang' | undefined => {
  if (fault?.kind === 'throttle') return { status: 400, text: THROTTLING };
  if (fault?.kind === 'refuse') return { status: 400, text: '{"__type":"com.amazon.coral.service#AccessDeniedException"}' };
  if (fault?.kind === 'fail') return { status: 500, text: '{"__type":"InternalServerError"}' };
  if (fault?.kind === 'unprocessed') return { status: 200, text: JSON.stringify({ UnprocessedItems: readRequestItems(body) }) };
  return fault?.kind === 'reset' || fault?.kind === 'hang' ? fault.kind : undefined;
};

const readOperation = ({ headers, method }: IncomingMessage): string =>
  typeof headers['x-amz-target'] === 'string' ? (headers['x-amz-target'].split('.').at(-1) ?? '') : (method ?? '');

/** Listens on a free port of the loopback address; what it answers ends all connections. */
const listen = async (serve: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>) => {
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { endpoint: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, stop };
};

/** Opens a proxy before the server that listens on `port` of the loopback address. */
export const openFaultProxy = async (port: number): Promise<FaultProxy> => {
  let plans: KeptPlan[] = [];
  let seen: string[] = [];

  const take = (operation: string, body: string): Fault | undefined => {
    const plan = plans.find(({ left, matches }) => left > 0 && matches(operation, body));
    if (plan) plan.left--;
    return plan?.fault;
  };

  const { endpoint, stop } = await listen(async (incoming, response) => {
    const body = await readBody(incoming);
    const operation = readOperation(incoming);
    seen.push(operation);
    const fault = take(operation, body.toString());
    const refusal = refuse(fault, body);
    if (refusal === 'hang') return;
    if (refusal === 'reset') return void incoming.socket.resetAndDestroy();
    if (refusal) return void response.writeHead(refusal.status, { 'content-type': 'application/x-amz-json-1.0' }).end(refusal.text);
    if (fault?.kind === 'hold') await fault.until;
    const forwarded = await forward(incoming, body, port);
    if (fault?.kind === 'lose-answer') return void incoming.socket.resetAndDestroy();
    response.writeHead(forwarded.head.statusCode ?? 500, forwarded.head.headers).end(forwarded.body);
  });

  return {
    endpoint,
    get seen() {
      return seen;
    },
    inject: (plan) => void plans.push({ ...plan, left: plan.times ?? Number.POSITIVE_INFINITY }),
    clear: () => {
      plans = [];
      seen = [];
    },
    stop,
  };
};
