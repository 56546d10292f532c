// A stand-in for Pulsar's web service that does what a test tells it: for answers and losses that a real broker gives at no one's wish.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';

/** What a test wants to see or to say. */
export interface StandInScript {
  /** Answers the admin API; 404 when left out. */
  readonly onAdmin?: (method: string, path: string, body: string) => { readonly status: number; readonly value?: unknown };
  /** Refuses a connection with this status. */
  readonly refuse?: (path: string) => number | undefined;
  /** Answers an opening only then. */
  readonly hold?: (path: string) => Promise<void>;
  /** Hears with which code a connection was closed. */
  readonly onClose?: (code: number) => void;
  /** Hears each text, and may answer or close. */
  readonly onText?: (text: string, socket: WebSocket, connection: number) => void;
}

/** A stand-in that listens. */
export interface StandIn {
  readonly webUrl: string;
  close(): Promise<void>;
}

/** Starts a stand-in on a free port of the loopback address. */
export const startStandIn = async ({ onAdmin, refuse, hold, onClose, onText }: StandInScript): Promise<StandIn> => {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { status, value } = onAdmin?.(request.method ?? '', request.url ?? '', body) ?? { status: 404 };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(value === undefined ? '' : JSON.stringify(value));
    });
  };
  const server = createServer(answer);
  const sockets = new WebSocketServer({ noServer: true });
  let connections = 0;
  server.on('upgrade', (request, socket, head) => {
    const status = refuse?.(request.url ?? '');
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const answerOpening = (): void =>
      sockets.handleUpgrade(request, socket, head, (opened) => {
        const connection = ++connections;
        opened.on('message', (data: Buffer) => onText?.(data.toString('utf8'), opened, connection));
        opened.on('close', (code) => onClose?.(code));
      });
    if (hold === undefined) answerOpening();
    else void hold(request.url ?? '').then(answerOpening);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    webUrl: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
