// Stands between a client and a server on the loopback address: can cut all connections, or keep them open and pass nothing on.
import { connect, createServer, type Socket } from 'node:net';

/** A proxy that listens. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Connections that were ever made. */
  readonly made: number;
  /** Ends all connections; new ones can be made. */
  cut(): void;
  /** Passes nothing on, and says nothing about it: as a network that lost the other side. New connections are taken and stay silent. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** Starts a proxy of a port. */
export const startTcpProxy = async (target: number): Promise<TcpProxy> => {
  const pairs = new Set<readonly [Socket, Socket]>();
  let frozen = false;
  let made = 0;
  const server = createServer((client) => {
    made++;
    const upstream = connect(target, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const pass = (from: Socket, to: Socket): void => {
      from.setNoDelay(true);
      from.on('data', (chunk) => void (frozen || to.write(chunk)));
      const end = (): void => {
        pairs.delete(pair);
        from.destroy();
        to.destroy();
      };
      from.on('error', end);
      from.on('close', end);
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  const cut = (): void => {
    for (const sockets of pairs) for (const socket of sockets) socket.destroy();
    pairs.clear();
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return pairs.size;
    },
    get made() {
      return made;
    },
    cut,
    freeze: () => void (frozen = true),
    thaw: () => void (frozen = false),
    close: async () => {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
};
