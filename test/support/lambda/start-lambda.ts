// Stands in for AWS Lambda: its `Invoke` over HTTP, for the AWS SDK to talk to, with real handlers in processes of their own.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  openIsolatedFunctions,
  type IsolatedFunctionFile,
  type IsolatedFunctionsOptions,
} from '../../../src/adapters/isolated-functions/isolated-functions.ts';
import { findFunctionName } from '../../../src/platform/function-names.ts';
import { REQUEST_LIMIT_BYTES } from '../../../src/adapters/lambda/lambda-functions.ts';
import type { LambdaAnswer } from '../../../src/adapters/lambda/read-answer.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { openInvocationLog, type InvocationLog, type LoggedInvocation } from './invocation-log.ts';

/** How to start the stand-in. */
export interface LambdaStandInOptions extends Partial<
  Pick<IsolatedFunctionsOptions, 'instancesPerFunction' | 'environment' | 'logFormat' | 'onOutput'>
> {
  /** Goes before the names of functions, as in the settings of whoever invokes them. Default none. */
  readonly prefix?: string;
  /** Timeout of functions that are installed without one, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** More invocations of one function at once are throttled, as reserved concurrency does. Default no bound: they wait for an instance. */
  readonly reservedConcurrency?: number;
}

/** A Lambda that runs here. */
export interface LambdaStandIn {
  /** What the AWS SDK is to be given. */
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Adds functions, those of a bundle under the names that they have on Lambda. */
  install(bundle: { readonly functions: readonly IsolatedFunctionFile[] }): void;
  remove(bundle: { readonly functions: readonly { readonly name: string }[] }): void;
  /** Every invocation so far. */
  listInvocations(): readonly LoggedInvocation[];
  listProcesses(): readonly number[];
  stop(): Promise<void>;
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly reason?: string;
}

/** Starts the stand-in on a port of the loopback address. */
export const startLambda = async (options: LambdaStandInOptions = {}): Promise<LambdaStandIn> => {
  const { prefix = '', timeoutMs = 30_000, reservedConcurrency = Number.POSITIVE_INFINITY, ...isolated } = options;
  const functions = openIsolatedFunctions({ clock: systemClock, ...isolated });
  const log = openInvocationLog();
  const inFlight = new Map<string, number>();
  const rename = <F extends { readonly name: string }>(all: readonly F[]): F[] =>
    all.map((fn) => ({ ...fn, name: findFunctionName(fn.name, { prefix }) }));

  const invoke: Invoke = async ({ functionName, requestId, payload, traceId }) => {
    const running = inFlight.get(functionName) ?? 0;
    if (running >= reservedConcurrency) return throttled;
    inFlight.set(functionName, running + 1);
    const answer = await functions.answer(functionName, payload, { requestId, timeoutMs, ...(traceId !== undefined && { traceId }) });
    inFlight.set(functionName, (inFlight.get(functionName) ?? 1) - 1);
    return answer ?? { status: 404, type: 'ResourceNotFoundException', message: `Function not found: ${functionName}` };
  };

  const server = createServer((request, response) => {
    serve(request, response, log, invoke).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    client: {
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    install: (bundle) => functions.install({ functions: rename(bundle.functions) }),
    remove: (bundle) => functions.remove({ functions: rename(bundle.functions) }),
    listInvocations: () => log.list(),
    listProcesses: () => functions.listProcesses(),
    stop: async () => {
      server.close();
      await functions.close();
      server.closeAllConnections();
    },
  };
};

interface Asked {
  readonly functionName: string;
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string | undefined;
}

type Invoke = (asked: Asked) => Promise<LambdaAnswer | Refusal>;

const serve = async (request: IncomingMessage, response: ServerResponse, log: InvocationLog, invoke: Invoke): Promise<void> => {
  const requestId = randomUUID();
  const functionName = readFunctionName(request);
  const { payload, bytes } = await readBody(request);
  const trace = request.headers['x-amzn-trace-id'];
  log.begin(requestId, functionName ?? '');
  response.on('close', () => log.note(requestId, { delivered: response.writableFinished }));
  const refusal = functionName === undefined ? noSuchCall : findFault(payload, bytes);
  const traceId = typeof trace === 'string' ? trace : undefined;
  const made = refusal ?? (await invoke({ functionName: functionName ?? '', requestId, payload, traceId }));
  if ('status' in made) {
    log.note(requestId, { outcome: 'refused' });
    return refuse(response, requestId, made);
  }
  log.note(requestId, { outcome: made.functionError === undefined ? 'answered' : 'failed' });
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    'x-amz-executed-version': '$LATEST',
    ...(made.functionError !== undefined && { 'x-amz-function-error': made.functionError }),
    ...(request.headers['x-amz-log-type'] === 'Tail' && { 'x-amz-log-result': Buffer.from(made.tail).toString('base64') }),
  });
  response.end(made.payload);
};

/** With its alias; undefined when something else is asked for. */
const readFunctionName = ({ method, url = '' }: IncomingMessage): string | undefined => {
  const { pathname, searchParams } = new URL(url, 'http://lambda');
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname)?.[1];
  if (method !== 'POST' || name === undefined) return undefined;
  const qualifier = searchParams.get('Qualifier');
  return `${decodeURIComponent(name)}${qualifier === null ? '' : `:${qualifier}`}`;
};

const readBody = async (request: IncomingMessage): Promise<{ readonly payload: string; readonly bytes: number }> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return { payload: body.toString(), bytes: body.length };
};

const throttled: Refusal = {
  status: 429,
  type: 'TooManyRequestsException',
  message: 'Rate Exceeded.',
  reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
};
const noSuchCall: Refusal = { status: 404, type: 'UnknownOperationException', message: 'Only Invoke is to be had here.' };

const findFault = (payload: string, bytes: number): Refusal | undefined => {
  if (bytes > REQUEST_LIMIT_BYTES) {
    const message = `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${REQUEST_LIMIT_BYTES} bytes)`;
    return { status: 413, type: 'RequestTooLargeException', message };
  }
  try {
    JSON.parse(payload);
    return undefined;
  } catch {
    return { status: 400, type: 'InvalidRequestContentException', message: 'Could not parse request body into json.' };
  }
};

const refuse = (response: ServerResponse, requestId: string, { status, type, message, reason }: Refusal): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    'x-amzn-errortype': type,
    ...(status === 429 && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify({ Type: 'User', Message: message, message, ...(reason !== undefined && { Reason: reason }) }));
};
