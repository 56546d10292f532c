// The script of a function's process: loads its handler and runs it as Lambda's own runtime does, by the calls of the Runtime API.
import { Agent, request as requestHttp, type IncomingHttpHeaders } from 'node:http';
import './leave-with-parent.ts';

/** What a handler is given beside the request; the part of Lambda's context that needs no service. */
interface HandlerContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryLimitInMB: string;
  readonly invokedFunctionArn: string;
  readonly xRayTraceId: string;
  getRemainingTimeInMillis(): number;
}

type Handler = (request: unknown, context: HandlerContext) => unknown;

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const [, , address = '', url = '', functionName = '', functionVersion = '', memoryLimitInMB = ''] = process.argv;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** The runtime of Lambda ends with this code after an error that nobody caught. */
const UNCAUGHT_EXIT_CODE = 129;

const call = (method: 'GET' | 'POST', path: string, body = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = method === 'POST' ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {};
    const sent = requestHttp(`http://${address}/2018-06-01/runtime/${path}`, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

const describe = (error: unknown): string =>
  error instanceof Error
    ? JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] })
    : JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });

/** The invocation that it runs; undefined while it starts, null while it waits for one. */
let running: string | null | undefined;

/** Whoever listens at the other end is gone: so is the reason to be here. */
const leave = (): never => process.exit(1);

const endUncaught = (error: unknown, rejected: boolean): void => {
  const named = rejected ? Object.assign(new Error(String(error)), { name: 'Runtime.UnhandledPromiseRejection' }) : error;
  if (running === null) return process.exit(UNCAUGHT_EXIT_CODE);
  const path = running === undefined ? 'init/error' : `invocation/${running}/error`;
  call('POST', path, describe(named)).then(() => process.exit(UNCAUGHT_EXIT_CODE), leave);
};

const load = async (): Promise<Handler> => {
  const { handler } = (await import(url)) as { readonly handler?: Handler };
  if (typeof handler !== 'function') throw Object.assign(new Error(`${url} exports no handler.`), { name: 'Runtime.HandlerNotFound' });
  return handler;
};

const makeContext = (headers: IncomingHttpHeaders, awsRequestId: string): HandlerContext => {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId,
    functionName,
    functionVersion,
    memoryLimitInMB,
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    xRayTraceId: String(headers['lambda-runtime-trace-id']),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
};

const run = async (handler: Handler, text: string, context: HandlerContext): Promise<{ what: 'response' | 'error'; body: string }> => {
  try {
    return { what: 'response', body: JSON.stringify(await handler(JSON.parse(text), context)) ?? 'null' };
  } catch (error) {
    return { what: 'error', body: describe(error) };
  }
};

const serve = async (): Promise<void> => {
  const handler = await load().catch(async (error: unknown) => {
    await call('POST', 'init/error', describe(error));
    return leave();
  });
  for (;;) {
    running = null;
    const { headers, text } = await call('GET', 'invocation/next');
    const requestId = String(headers['lambda-runtime-aws-request-id']);
    running = requestId;
    const { what, body } = await run(handler, text, makeContext(headers, requestId));
    await call('POST', `invocation/${requestId}/${what}`, body);
  }
};

process.on('uncaughtException', (error) => endUncaught(error, false));
process.on('unhandledRejection', (reason) => endUncaught(reason, true));
serve().catch(leave);
