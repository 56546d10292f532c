// Offers several web services behind one address, as a load balancer does: a connection goes to the next one that takes it.
import { connect, createServer, type Socket } from 'node:net';
import { LOOPBACK } from './cluster-conf.ts';

/** A balancer that runs. */
export interface Balancer {
  readonly url: string;
  close(): Promise<void>;
}

/** Where a server listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
}

const reach = ({ host, port }: Listening): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });

/** Starts one, at the loopback address, before these servers. */
export const balanceConnections = async (servers: readonly Listening[]): Promise<Balancer> => {
  const held = new Set<Socket>();
  let next = 0;
  const hold = (socket: Socket): void => {
    held.add(socket);
    socket.once('close', () => held.delete(socket));
  };
  const findServer = async (): Promise<Socket | undefined> => {
    const first = next++;
    for (let tried = 0; tried < servers.length; tried++) {
      const listening = servers[(first + tried) % servers.length];
      const server = listening === undefined ? undefined : await reach(listening);
      if (server !== undefined) return server;
    }
    return undefined;
  };
  const forward = async (client: Socket): Promise<void> => {
    const server = await findServer();
    if (server === undefined || client.destroyed) {
      client.destroy();
      server?.destroy();
      return;
    }
    hold(server);
    client.pipe(server).pipe(client);
    // A side that is gone takes the other with it.
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
    server.on('error', () => client.destroy());
  };
  const listener = createServer({ noDelay: true, pauseOnConnect: false }, (client) => {
    hold(client);
    client.on('error', () => client.destroy());
    void forward(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, LOOPBACK, resolve));
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${LOOPBACK}:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of held) socket.destroy();
      await closed;
    },
  };
};
