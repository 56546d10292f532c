// Answers whoever looks after a connector: whether it lives, whether it takes messages, and its metrics.
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** What is answered from. */
export interface Health {
  /** Why it takes no messages; empty when it does. */
  readonly listObstacles: () => readonly string[];
  /** All metrics, in the text format of Prometheus. */
  readonly readMetrics: () => Promise<string>;
}

/** A server that answers. */
export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What `/live`, `/ready` and `/metrics` answer. */
export const createHealthApi = ({ listObstacles, readMetrics }: Health): Hono =>
  new Hono()
    // That it answers is all there is to say: a loop that stands still does not.
    .get('/live', (c) => c.json({ live: true }))
    .get('/ready', (c) => {
      const obstacles = listObstacles();
      return c.json({ ready: obstacles.length === 0, obstacles }, obstacles.length === 0 ? 200 : 503);
    })
    .get('/metrics', async (c) => c.text(await readMetrics(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }));

/**
 * Starts to answer.
 *
 * @throws ADDRESS_IN_USE
 */
export const startHealthServer = async (health: Health, host: string, port: number): Promise<HealthServer> => {
  const server = createAdaptorServer({ fetch: createHealthApi(health).fetch });
  const taken = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause: Error) =>
      reject(new StarquakeError('ADDRESS_IN_USE', `The connector cannot answer on ${host}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return { port: taken, close: () => new Promise((resolve) => server.close(() => resolve())) };
};
