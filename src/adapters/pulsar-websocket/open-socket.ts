// One connection to Pulsar's WebSocket service: opened within a deadline, watched by pings, closed in an orderly way.
import { WebSocket } from 'ws';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import type { StarquakeError } from '../../protocol/starquake-error.ts';
import { describeLate, describeRefusal, describeUnreachable } from '../pulsar-admin/bus-failures.ts';
import { makeHeaders, readCredentials, type PulsarAccess } from '../pulsar-admin/pulsar-access.ts';

/** What to connect to, and who hears of it. */
export interface SocketOptions {
  readonly access: PulsarAccess;
  readonly clock: Clock;
  /** After `/ws/v2/`, with its query. */
  readonly path: string;
  /** For errors, such as `publishing on inbox`. */
  readonly doing: string;
  readonly onText: (text: string) => void;
  /** Gives the opening up; an open connection is closed by its own `close`. */
  readonly signal: AbortSignal;
}

/** An open connection. */
export interface Socket {
  /** Resolves with WebSocket's code when the connection has ended, whoever ended it. */
  readonly closed: Promise<number>;
  send(text: string): void;
  /** Sends what is waiting, says goodbye, and resolves when the other side has; after a while without. */
  close(): Promise<void>;
}

/**
 * Pulsar answers an opening once the consumer behind it stands, however long that takes, and does not notice who has left by then: such a
 * consumer keeps its partition until a ping finds it out (https://github.com/apache/pulsar/issues/4098). So an opening that is given up is
 * left to come to its end, for as long as Pulsar itself may take, and closed in an orderly way.
 */
const LINGER_MS = 60_000;
/** A side that is silent for this long is asked whether it is there, and given up when it does not answer for as long again: 15 s at most. */
const SILENCE_MS = 5000;
const GOODBYE_MS = 5000;
const LONGEST_REASON = 2000;

/**
 * Opens a connection.
 *
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED
 */
export const openSocket = async (options: SocketOptions, timeoutMs: number): Promise<Socket> => {
  const { access, path, onText, clock } = options;
  const credentials = await readCredentials(access);
  const url = new URL(`/ws/v2/${path}`, access.webUrl.replace(/^http/, 'ws'));
  const { ca, cert, key } = credentials;
  let opening: ClientRequest | undefined;
  const socket = new WebSocket(url, {
    headers: makeHeaders(credentials),
    finishRequest: (request) => {
      opening = request;
      request.end();
    },
    perMessageDeflate: false,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  });
  // From the beginning on: the first texts may come together with the answer that opens the connection.
  socket.on('message', (data: Buffer) => onText(data.toString('utf8')));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await awaitOpen(socket, options, timeoutMs, () => closeOnceOpen(socket, opening, clock));
  const stopWatching = watchSilence(socket, clock);
  socket.once('close', stopWatching);
  return { closed, send: (text) => socket.send(text), close: () => sayGoodbye(socket, clock) };
};

/** @param leave - is called when it is given up before it was answered */
const awaitOpen = (socket: WebSocket, { clock, doing, signal }: SocketOptions, timeoutMs: number, leave: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (error: StarquakeError, endSocket: () => void): void => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      reject(error);
      endSocket();
    };
    const fail = (error: StarquakeError): void => end(error, () => socket.terminate());
    const giveUp = (): void => end(describeUnreachable(doing, new URL(socket.url).origin, 'it is not wanted any more'), leave);
    const cancel = clock.setTimer(clock.now() + timeoutMs, () => end(describeLate(doing, timeoutMs), leave));
    // Stays when the connection is open: every error is followed by a close, which is what counts then.
    socket.on('error', (error) => fail(describeUnreachable(doing, new URL(socket.url).origin, error)));
    socket.on('unexpected-response', (_request, answer: IncomingMessage) => {
      readReason(answer, (reason) => fail(describeRefusal(doing, { status: answer.statusCode ?? 0, reason })));
    });
    socket.once('open', () => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });

/** Lets an opening come to its end, and closes what it comes to. The process need not stay for it. */
const closeOnceOpen = (socket: WebSocket, opening: ClientRequest | undefined, clock: Clock): void => {
  const connection = opening?.socket;
  if (connection === undefined || connection === null || socket.readyState !== WebSocket.CONNECTING) return socket.terminate();
  connection.unref();
  connection.setTimeout(LINGER_MS, () => socket.terminate());
  socket.removeAllListeners('message');
  socket.once('open', () => void sayGoodbye(socket, clock));
};

/** What the web server says in its page about a refused connection. */
const readReason = (answer: IncomingMessage, done: (reason: string) => void): void => {
  let page = '';
  answer.setEncoding('utf8');
  answer.on('data', (part: string) => (page = (page + part).slice(0, LONGEST_REASON)));
  answer.on('close', () => done(/MESSAGE:<\/th><td>([^<]*)/i.exec(page)?.[1]?.trim() ?? ''));
};

const watchSilence = (socket: WebSocket, clock: Clock): CancelTimer => {
  let heard = true;
  let asked = false;
  let cancel: CancelTimer = () => undefined;
  const note = (): void => void (heard = true);
  socket.on('message', note);
  socket.on('pong', note);
  socket.on('ping', note);
  const look = (): void => {
    if (!heard && asked) return socket.terminate();
    asked = !heard;
    if (asked) socket.ping();
    heard = false;
    cancel = clock.setTimer(clock.now() + SILENCE_MS, look);
  };
  cancel = clock.setTimer(clock.now() + SILENCE_MS, look);
  return () => cancel();
};

const sayGoodbye = (socket: WebSocket, clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    const cancel = clock.setTimer(clock.now() + GOODBYE_MS, () => socket.terminate());
    socket.once('close', () => {
      cancel();
      resolve();
    });
    socket.close(1000);
  });
