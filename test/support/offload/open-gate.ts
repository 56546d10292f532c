// Stands before a server on loopback: counts what goes through, and can be shut as if the server were gone.
import { connect, createServer, type Socket } from 'node:net';
import { findFreePorts } from '../pulsar/free-port.ts';

/** The way to a server. */
export interface Gate {
  readonly port: number;
  /** Bytes that the server has answered so far. */
  readonly answeredBytes: number;
  /** Ends all connections, and refuses new ones. */
  shut(): Promise<void>;
  /** Lets connections through again. */
  reopen(): Promise<void>;
}

/** Opens a gate before the server that listens on `behind`. */
export const openGate = async (behind: number): Promise<Gate> => {
  const [port = 0] = await findFreePorts(1);
  const sockets = new Set<Socket>();
  let answeredBytes = 0;
  const join = (from: Socket): void => {
    const to = connect(behind, '127.0.0.1');
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(socket);
      // A connection that breaks on one side ends on the other; that is all there is to know of it.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    to.on('data', (data: Buffer) => {
      answeredBytes += data.length;
    });
  };
  const server = createServer(join);
  const listen = (): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen();
  return {
    port,
    get answeredBytes() {
      return answeredBytes;
    },
    shut: async () => {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    reopen: listen,
  };
};
