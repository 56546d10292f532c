// A whole engine in this process with the app that does what it should not, its API, a client, and all that was reported.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { startApi } from '../../src/api/start-api.ts';
import { composeEngine, type Engine } from '../../src/cli/compose.ts';
import { createClient, type Client, type RunView } from '../../src/client/index.ts';

/** Entry file of the app. */
export const badApp = resolve(import.meta.dirname, 'bad-app.ts');

/** The engine, and what tests look at. */
export interface BadEngine {
  readonly engine: Engine;
  readonly client: Client;
  readonly url: string;
  /** The data folder. */
  readonly folder: string;
  /** Errors that were reported, and while doing what. */
  readonly reports: { readonly error: unknown; readonly doing: string }[];
  stop(): Promise<void>;
}

/** What an engine is started with. */
export interface BadEngineOptions {
  /** Entry files of apps. */
  readonly entries?: readonly string[];
  /** A folder to keep data in; one of its own, which goes with it, when left out. */
  readonly folder?: string;
}

/** Starts it, on disk. */
export const startBadEngine = async ({ entries = [badApp], folder: kept }: BadEngineOptions = {}): Promise<BadEngine> => {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'starquake-bad-')));
  const reports: BadEngine['reports'] = [];
  const report = (error: unknown, doing: string): void => void reports.push({ error, doing });
  const engine = await composeEngine({ entries, folder, watch: false, report });
  const api = await startApi(engine.ports, engine.projection, { port: 0 });
  const stop = async (): Promise<void> => {
    await api.close();
    await engine.stop();
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  };
  return { engine, client: createClient({ url: api.url, app: 'bad' }), url: api.url, folder, reports, stop };
};

let runs = 0;

/** Starts a run and waits for its end. */
export const complete = async ({ client }: BadEngine, workflow: string, input?: unknown): Promise<RunView> => {
  const { runId } = await client.start({ app: 'bad', name: workflow }, input, { runId: `${workflow}-${runs++}` });
  return await client.await(runId);
};

/** Nothing is lost: another run goes its way. */
export const expectOthersGoOn = async (bad: BadEngine): Promise<void> => {
  expect(await complete(bad, 'hello', 'you')).toMatchObject({ status: 'completed', output: 'hello you' });
};
