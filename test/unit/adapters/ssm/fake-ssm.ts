// Systems Manager as far as the registry needs it, in memory, so that a test can look into it and make it fail.
import { createServer, type IncomingMessage } from 'node:http';

/** What the server holds, and how it is spoken to. */
export interface FakeSsm {
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Parameters by name; a test may change them. */
  readonly parameters: Map<string, string>;
  /** Operations asked for so far. */
  readonly calls: string[];
  /** The name of the error that every call fails with; `hang` for no answer at all. */
  fault: string | undefined;
  close(): Promise<void>;
}

const PAGE = 10;

interface Asked {
  readonly Name?: string;
  readonly Value?: string;
  readonly Names?: readonly string[];
  readonly Path?: string;
  readonly NextToken?: string;
}

const readBody = async (request: IncomingMessage): Promise<Asked> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Asked;
};

const answer = (
  parameters: Map<string, string>,
  operation: string,
  { Name = '', Value = '', Names = [], Path = '', NextToken }: Asked,
): object => {
  if (operation === 'PutParameter') {
    if (Value.length > 4096) throw new Error('ValidationException');
    parameters.set(Name, Value);
    return { Version: 1, Tier: 'Standard' };
  }
  if (operation === 'DeleteParameters')
    return { DeletedParameters: Names.filter((name) => parameters.delete(name)), InvalidParameters: [] };
  const from = Number(NextToken ?? 0);
  const found = [...parameters].filter(([name]) => name.startsWith(`${Path}/`));
  const page = found.slice(from, from + PAGE).map(([name, value]) => ({ Name: name, Value: value, Type: 'String' }));
  return { Parameters: page, ...(found.length > from + PAGE && { NextToken: String(from + PAGE) }) };
};

/** Starts the server on a port of the loopback address. */
export const startFakeSsm = async (): Promise<FakeSsm> => {
  const parameters = new Map<string, string>();
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((asked) => {
      const operation = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
      calls.push(operation);
      if (fake.fault === 'hang') return;
      const body = fake.fault === undefined ? answer(parameters, operation, asked) : { __type: fake.fault, message: 'as the test wants' };
      response.writeHead(fake.fault === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const fake: FakeSsm = {
    client: { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    parameters,
    calls,
    fault: undefined,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return fake;
};
