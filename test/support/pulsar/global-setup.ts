// Starts one broker for all tests against a real Pulsar, or says why there is none: that fails in CI, and skips on a laptop.
import { createServer, type Server } from 'node:http';
import type { TestProject } from 'vitest/node';
import { startStandalone, type StandalonePulsar } from './start-standalone.ts';

/** The broker that the tests have, or why they have none. */
export type PulsarUnderTest =
  | {
      readonly webUrl: string;
      readonly brokerUrl: string;
      /** A POST here ends the broker, starts it again on its data, and answers when it is healthy. */
      readonly restartUrl: string;
    }
  | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    pulsar: PulsarUnderTest;
  }
}

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${describe(error.cause)}`;
};

/** Tests run in other processes than this one, which holds the broker. */
const offerRestart = async (pulsar: StandalonePulsar): Promise<Server> => {
  const server = createServer((_request, response) => {
    const answer = (status: number, text: string): void => void response.writeHead(status).end(text);
    pulsar.restart().then(
      () => answer(204, ''),
      (error: unknown) => answer(500, describe(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

/** Called by vitest before the first test; what it answers is called after the last. */
export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  try {
    const pulsar = await startStandalone();
    const server = await offerRestart(pulsar);
    const address = server.address();
    const restartUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    project.provide('pulsar', { webUrl: pulsar.webUrl, brokerUrl: pulsar.brokerUrl, restartUrl });
    return async () => {
      server.close();
      server.closeAllConnections();
      await pulsar.stop();
    };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    project.provide('pulsar', { missing: describe(error) });
    return undefined;
  }
};
