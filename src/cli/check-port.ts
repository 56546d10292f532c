// Finds out that a port is taken before anything else is started.
import { createServer } from 'node:net';
import { StarquakeError } from '../protocol/starquake-error.ts';

/**
 * @param hint - what to do, where it is not what the catalogue says
 * @throws ADDRESS_IN_USE
 */
export const checkPort = (port: number, host: string, hint?: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) =>
      reject(
        new StarquakeError('ADDRESS_IN_USE', `Port ${port} of ${host} cannot be had: ${error.message}.`, {
          cause: error,
          ...(hint !== undefined && { hint }),
        }),
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
