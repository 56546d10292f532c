// Measures the functions of the booking app as they are deployed: the size of each file, and its cold start and warm time by Lambda's Runtime API.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openIsolatedFunctions, type IsolatedFunctions } from '../src/adapters/isolated-functions/isolated-functions.ts';
import { findOfficialClient } from '../src/adapters/isolated-functions/official-client.ts';
import { systemClock } from '../src/adapters/system-clock/system-clock.ts';
import { bundleApp, type BundledFunction } from '../src/bundle/bundle-app.ts';
import { bundleTimer } from '../src/bundle/bundle-timer.ts';
import type { DecisionInput } from '../src/protocol/functions.ts';
import { makeJobRequest } from '../test/support/job-request.ts';
import { quantile } from './start-runs.ts';

const COLD_STARTS = 7;
const WARM_INVOCATIONS = 200;
const CALL = { timeoutMs: 60_000 };

const started: DecisionInput = {
  run: 'run-1',
  app: 'booking',
  workflow: 'book-trip',
  commitId: 'c1',
  nextNumber: 2,
  decidedUpTo: 0,
  events: [
    {
      type: 'RunStarted',
      number: 1,
      at: 1_000,
      app: 'booking',
      workflow: 'book-trip',
      inputHash: '',
      tags: {},
      requestId: 'q',
      input: { json: { customer: 'ada', from: 'Paris', to: 'Rome', price: 5, zone: 'Europe/Paris' } },
    },
  ],
};

/** What each kind is asked; a job that its function does not have is answered without its code. */
const makeRequest = (kind: BundledFunction['kind']): unknown => {
  const head = { v: 1, now: 1_000, links: {} };
  if (kind === 'decision') return { ...head, runs: [JSON.stringify(started)] };
  if (kind === 'job-retry') return { ...head, failures: [] };
  return kind === 'timer' ? { ...head, dues: [] } : makeJobRequest({ name: 'none', app: 'booking' });
};

const invoke = async (functions: IsolatedFunctions, { name, kind }: BundledFunction): Promise<{ durationMs: number; initMs: number }> => {
  const result = await functions.invoke(name, JSON.stringify(makeRequest(kind)), CALL);
  if (result.kind === 'failed') throw new Error(`The function "${name}" failed: ${result.failure.message}`);
  return result.report;
};

/** On an idle instance of its own each time, then on one again and again. */
const measureFunction = async (fn: BundledFunction, officialClient?: string) => {
  const [inits, firsts, warm]: [number[], number[], number[]] = [[], [], []];
  for (let start = 1; start <= COLD_STARTS; start++) {
    const functions = openIsolatedFunctions({ clock: systemClock, ...(officialClient !== undefined && { officialClient }) });
    functions.install({ functions: [fn] });
    const { initMs, durationMs } = await invoke(functions, fn);
    inits.push(initMs);
    firsts.push(durationMs);
    while (start === COLD_STARTS && warm.length < WARM_INVOCATIONS) warm.push((await invoke(functions, fn)).durationMs);
    await functions.close();
  }
  return { initMs: quantile(inits, 0.5), firstMs: quantile(firsts, 0.5), warmMs: quantile(warm, 0.5) };
};

const round = (value: number): number => Math.round(value * 10) / 10;

const measureFile = async ({ file }: BundledFunction) => {
  const text = await readFile(file);
  return { sizeKb: round(text.length / 1000), gzippedKb: round(gzipSync(text).length / 1000) };
};

/** Runs the benchmark, under AWS's own runtime client as well where it is installed. */
export const benchFunctions = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-bench-functions-'));
  try {
    const bundled = await bundleApp('workflows/booking/app.ts', { outDir: join(folder, 'booking'), jobs: 'each', minify: true });
    const { functions: own } = await bundleTimer({ outDir: join(folder, 'starquake'), minify: true });
    const officialClient = findOfficialClient([process.env['STARQUAKE_TEST_RUNTIME_CLIENT'] ?? '.']);
    const functions: Record<string, unknown> = {};
    for (const fn of [...bundled.functions, ...own]) {
      const [name = ''] = fn.name.split('@');
      const official = officialClient === undefined ? {} : { underOfficialClient: await measureFunction(fn, officialClient) };
      functions[name] = { ...(await measureFile(fn)), ...(await measureFunction(fn)), ...official };
    }
    return { benchmark: 'functions', functions };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
