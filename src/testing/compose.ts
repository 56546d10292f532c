// The composition root of the test kit: a whole engine in memory, on virtual time, with the real functions of an app in this thread.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openEmbeddedStore } from '../adapters/embedded/embedded-store.ts';
import { createInProcessFunctions, type Handler } from '../adapters/in-process-functions/in-process-functions.ts';
import { ignoreRealmRejections } from '../adapters/vm-realm/ignore-realm-rejections.ts';
import { makeVmRealm } from '../adapters/vm-realm/vm-realm.ts';
import { buildWorkflows } from '../bundle/build-decision.ts';
import { bundleApp } from '../bundle/bundle-app.ts';
import { bundleTimer } from '../bundle/bundle-timer.ts';
import { explainBuildFailure } from '../bundle/explain-build-failure.ts';
import { startConnector } from '../connector/connector.ts';
import type { ConnectorSettings } from '../connector/context/settings.ts';
import { createDecider, type Decider } from '../engine/decider.ts';
import type { JobAnswer, JobRequest } from '../protocol/functions.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Ports } from '../ports/ports.ts';
import { followHistory } from '../query/follow-history.ts';
import { createProjection, type Projection } from '../query/projection.ts';
import { makeVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** Stands in for a job's code: input in, output out, or an error. */
export type FakeJob = (input: never, attempt: { readonly number: number; readonly idempotencyKey: string }) => unknown;

/** What a test engine is composed of. */
export interface ComposeOptions {
  /** Entry file of the app. */
  readonly entry: string;
  /** Stand-ins by job name; the others run their own code. */
  readonly jobs?: Readonly<Record<string, FakeJob>>;
  readonly settings?: Partial<ConnectorSettings>;
  /** Where virtual time begins, in milliseconds since the epoch. */
  readonly startAt?: number;
}

/** The parts of a test engine. */
export interface TestParts {
  readonly clock: VirtualClock;
  readonly ports: Ports;
  readonly projection: Projection;
  readonly manifest: Manifest;
  /** Steps taken so far, and invocations under way: nothing happens by itself while neither changes. */
  readonly activity: { steps: number; underWay: number };
  close(): Promise<void>;
}

const CALL = { timeoutMs: 60_000 };

const loadHandler = async (file: string): Promise<Handler> => {
  const module: unknown = await import(pathToFileURL(file).href);
  const handler: unknown = Reflect.get(Object(module), 'handler');
  if (typeof handler !== 'function') throw new StarquakeError('BUNDLE_FAILED', `The function in ${file} exports no handler.`);
  return (request): unknown => Reflect.apply(handler, undefined, [request]) as unknown;
};

/** Answers an attempt as the job's function would, with the stand-in's code. */
const fakeHandler =
  (jobs: Readonly<Record<string, FakeJob>>, own: Handler): Handler =>
  async (request) => {
    const { attempt, idempotencyKey } = request as JobRequest;
    const fake = jobs[attempt.name];
    if (!fake) return own(request);
    try {
      const input: unknown = 'json' in attempt.input ? attempt.input.json : undefined;
      const output: unknown = await fake(input as never, { number: attempt.number, idempotencyKey });
      return { kind: 'succeeded', output: output === undefined ? {} : { json: output } } satisfies JobAnswer;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      return { kind: 'failed', failure: { code: name, name, message }, retryable: name !== 'NotRetryableError' } satisfies JobAnswer;
    }
  };

const loadHandlers = async (
  { entry, jobs = {} }: ComposeOptions,
  folder: string,
): Promise<{ handlers: Record<string, Handler>; manifest: Manifest }> => {
  const [app, timer] = await Promise.all([
    bundleApp(entry, { outDir: join(folder, 'app'), deployment: 'test' }),
    bundleTimer({ outDir: join(folder, 'timer') }),
  ]);
  const handlers: Record<string, Handler> = {};
  for (const { name, kind, file } of [...app.functions, ...timer.functions]) {
    const handler = await loadHandler(file);
    handlers[name] = kind === 'job' ? fakeHandler(jobs, handler) : handler;
  }
  for (const { name, function: foreign, plain } of app.manifest.jobs) {
    const fake = jobs[name];
    // Somebody's own function is not here: there is its stand-in, or nothing. It is told the input and nothing of the attempt.
    if (plain === true && fake) handlers[foreign] = (input) => fake(input as never, { number: 1, idempotencyKey: '' });
  }
  return { handlers, manifest: app.manifest };
};

/** Counts what happens, so that a test can wait until nothing does. */
const watchPorts = (ports: Ports, activity: TestParts['activity']): Ports => {
  const { bus, functions } = ports;
  return {
    ...ports,
    bus: {
      declareTopics: (...parameters) => bus.declareTopics(...parameters),
      subscribeStream: (...parameters) => bus.subscribeStream(...parameters),
      subscribeQueue: (...parameters) => bus.subscribeQueue(...parameters),
      readStream: (...parameters) => bus.readStream(...parameters),
      publish: (...parameters) => {
        activity.steps += 1;
        return bus.publish(...parameters);
      },
    },
    functions: {
      invoke: async (...parameters) => {
        activity.underWay += 1;
        try {
          return await functions.invoke(...parameters);
        } finally {
          activity.underWay -= 1;
          activity.steps += 1;
        }
      },
    },
  };
};

/** Makes a decider of the workflow code that an app has now. @throws BUNDLE_FAILED */
export const composeDecider = async (entry: string): Promise<Decider> => {
  const { text } = await buildWorkflows(resolve(entry), false).catch((thrown: unknown) => {
    throw explainBuildFailure(thrown, entry);
  });
  ignoreRealmRejections();
  return createDecider({ source: text, makeRealm: makeVmRealm });
};

/** Composes a test engine. @throws BUNDLE_FAILED, APP_INVALID */
export const composeTestEngine = async (options: ComposeOptions): Promise<TestParts> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-test-'));
  const { handlers, manifest } = await loadHandlers(options, folder);
  const clock = makeVirtualClock(options.startAt);
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const store = await openEmbeddedStore({ memory: true, clock, report });
  let ids = 0;
  const activity = { steps: 0, underWay: 0 };
  const { runs, timers, payloads, registry } = store;
  const newId = (): string => `id-${++ids}`;
  const functions = createInProcessFunctions({ clock, handlers });
  const ports = watchPorts({ bus: store.bus, runs, timers, payloads, registry, functions, clock, newId, report }, activity);
  const projection = createProjection(clock);
  const follower = await followHistory(ports.bus, projection, report);
  await registry.put(manifest, CALL);
  const connector = await startConnector(ports, options.settings);
  const close = async (): Promise<void> => {
    await connector.stop();
    await follower.stop();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { clock, ports, projection, manifest, activity, close };
};
