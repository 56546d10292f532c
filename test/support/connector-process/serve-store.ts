// Offers the embedded store to other processes over a local socket: stores that several connectors share, as they do on AWS.
import { createServer, type Socket } from 'node:net';
import type { EmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';
import { readLines } from './read-lines.ts';
import { storeCallSchema, type StoreAnswer, type StoreCall } from './store-wire.ts';

const make = async (store: EmbeddedStore, { port, method, parameters }: StoreCall): Promise<unknown> => {
  const called: unknown = Reflect.get(store[port], method);
  if (typeof called !== 'function') throw new StarquakeError('INTERNAL', `The port ${port} has no method ${method}.`);
  const value: unknown = await Reflect.apply(called, store[port], parameters);
  return value;
};

const answer = async (store: EmbeddedStore, call: StoreCall): Promise<StoreAnswer> => {
  const { id } = call;
  try {
    return { id, value: await make(store, call) };
  } catch (error) {
    const code = error instanceof StarquakeError ? error.code : 'STORE_FAILED';
    return { id, failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
};

const serve = (store: EmbeddedStore, socket: Socket): void => {
  // A caller that was killed leaves answers that nobody takes.
  socket.on('error', () => socket.destroy());
  readLines(socket, (line) => {
    void answer(store, storeCallSchema.parse(JSON.parse(line))).then((made) => {
      if (socket.writable) socket.write(`${JSON.stringify(made)}\n`);
    });
  });
};

/** Serves until it is closed. @param path - of the socket */
export const serveStore = async (store: EmbeddedStore, path: string): Promise<() => void> => {
  const server = createServer((socket) => serve(store, socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => void server.close();
};
