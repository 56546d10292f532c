// Finds ports that nothing listens on.
import { createServer } from 'node:net';

const open = (): Promise<{ readonly port: number; readonly close: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });

/** Free ports of the loopback address, all different. */
export const findFreePorts = async (count: number): Promise<readonly number[]> => {
  const held = await Promise.all(Array.from({ length: count }, open));
  await Promise.all(held.map((server) => server.close()));
  return held.map(({ port }) => port);
};
