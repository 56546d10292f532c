// Keeps a second process out of a data folder, by a lock that the operating system drops when its holder dies.
import { stat, unlink } from 'node:fs/promises';
import { createServer, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StarquakeError } from '../../../protocol/starquake-error.ts';

/** The name to listen on: the folder's identity on this machine, whatever path leads to it. */
const nameLock = async (folder: string): Promise<string> => {
  const { dev, ino } = await stat(folder, { bigint: true });
  const name = `starquake-${dev}-${ino}`;
  // Abstract sockets and named pipes vanish with their process; elsewhere a socket file is left behind and recognized as dead.
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
};

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

const listen = (name: string): Promise<Server> => {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = createServer((asking) => asking.end(String(process.pid)));
  server.once('error', reject);
  server.listen(name, () => resolve(server.unref()));
  return promise;
};

/** The holder's process id as it says itself; undefined when nobody listens. */
const askHolder = (name: string): Promise<string | undefined> => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let answer = '';
  const socket = connect(name);
  socket.setTimeout(1000, () => socket.destroy());
  socket.on('data', (data) => (answer += data.toString()));
  socket.on('error', () => resolve(undefined));
  socket.on('close', () => resolve(answer === '' ? 'unknown' : answer));
  return promise;
};

const close = (server: Server): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
};

/**
 * Makes this process the only user of a folder.
 *
 * @param folder - an existing folder
 * @returns how to let go
 * @throws DATA_IN_USE
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const name = await nameLock(folder);
  for (let tries = 0; ; tries++) {
    try {
      const server = await listen(name);
      return () => close(server);
    } catch (error) {
      if (!isTaken(error)) throw error;
      const holder = await askHolder(name);
      if (holder !== undefined)
        throw new StarquakeError('DATA_IN_USE', `The data folder ${folder} is used by process ${holder}.`, { cause: error });
      if (tries === 3)
        throw new StarquakeError('DATA_IN_USE', `The data folder ${folder} is locked by ${JSON.stringify(name)}.`, { cause: error });
      if (!name.startsWith('\0')) await unlink(name);
    }
  }
};
