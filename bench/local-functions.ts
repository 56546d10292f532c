// Prints what an invocation of a local function costs: the main thread's share, round trips, and the hot path under load.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalFunctions, type LocalFunctions } from '../src/adapters/local-functions/local-functions.ts';

const clock = {
  now: () => Date.now(),
  setTimer: (at: number, fn: () => void) => {
    const timer = setTimeout(fn, at - Date.now());
    return () => clearTimeout(timer);
  },
};

const invoke = (functions: LocalFunctions, request: string) => functions.invoke('echo', request, { timeoutMs: 30_000 });

/** Keeps `inFlight` invocations going until `count` are done; CPU of this thread and of the whole process, in microseconds each. */
const measure = async (functions: LocalFunctions, request: string, count: number, inFlight: number) => {
  const [thread, all, started] = [process.threadCpuUsage(), process.cpuUsage(), performance.now()];
  let begun = 0;
  const goOn = async (): Promise<void> => {
    while (begun++ < count) await invoke(functions, request);
  };
  await Promise.all(Array.from({ length: inFlight }, goOn));
  const [threadUsed, allUsed, wallMs] = [process.threadCpuUsage(thread), process.cpuUsage(all), performance.now() - started];
  const each = (value: number): number => Math.round((value / count) * 100) / 100;
  return {
    inFlight,
    perSecond: Math.round((count / wallMs) * 1000),
    roundTripUs: each(wallMs * 1000 * inFlight),
    mainThreadUs: each(threadUsed.user + threadUsed.system),
    allThreadsUs: each(allUsed.user + allUsed.system),
  };
};

const folder = await mkdtemp(join(tmpdir(), 'starquake-bench-'));
const file = join(folder, 'echo.mjs');
await writeFile(file, 'export const handler = async (request) => request;');
const functions = openLocalFunctions({ clock });
functions.install({ functions: [{ name: 'echo', kind: 'job', file, memoryMb: 256 }] });
const request = JSON.stringify({ attempt: { run: 'run-1', job: 2 }, input: 'x'.repeat(900) });
const cold = await invoke(functions, request);
await measure(functions, request, 5_000, 100);
const figures = [
  await measure(functions, request, 3_000, 1),
  await measure(functions, request, 20_000, 20),
  await measure(functions, request, 40_000, 200),
];
await functions.close();
await rm(folder, { recursive: true });
console.table(figures);
console.log(JSON.stringify({ bench: 'local-functions', requestBytes: request.length, coldStartMs: cold.report.initMs, figures }));
