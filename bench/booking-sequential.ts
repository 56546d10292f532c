// Measures `booking-sequential`, 4 jobs and 5 decisions a run, durable on disk with jobs in worker threads: throughput, latency, cost per run.
import type { Engine } from '../src/cli/compose.ts';
import { onEngine } from './open-engine.ts';
import { completeAtRate, completeRun, completeRuns, quantile, type Load } from './start-runs.ts';

const load: Load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { order: 'order-1' } };

const measureThroughput = async (engine: Engine, count: number, inFlight: number) => {
  const before = engine.stats();
  const [cpu, main, from] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
  await completeRuns(engine, load, count, inFlight);
  const wallMs = performance.now() - from;
  const [used, mainUsed, after] = [process.cpuUsage(cpu), process.threadCpuUsage(main), engine.stats()];
  const perRun = (value: number): number => Math.round((value / count) * 100) / 100;
  const runsPerSecond = (count / wallMs) * 1000;
  return {
    inFlight,
    runsPerSecond: Math.round(runsPerSecond),
    stepsPerSecond: Math.round(runsPerSecond * 4),
    cpuSecondsPer1000Runs: perRun((used.user + used.system) / 1000),
    mainThreadSecondsPer1000Runs: perRun((mainUsed.user + mainUsed.system) / 1000),
    syncsPerRun: perRun(after.syncs - before.syncs),
    messagesPerRun: perRun(after.messages - before.messages),
    bytesPerRun: perRun(after.bytes - before.bytes),
    memoryMb: Math.round(process.memoryUsage().rss / 1024 / 1024),
  };
};

const measureUnloaded = async (engine: Engine, count: number) => {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await completeRun(engine, load));
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
};

/** Runs the benchmark. @param scale - 1 for the full size */
export const benchBookingSequential = (scale: number) =>
  onEngine(['workflows/booking-sequential/app.ts'], async (engine) => {
    await completeRuns(engine, load, Math.ceil(1000 * scale), 100);
    const unloaded = await measureUnloaded(engine, Math.ceil(100 * scale));
    const full = await measureThroughput(engine, Math.ceil(5000 * scale), 200);
    const half = await completeAtRate(engine, load, full.runsPerSecond / 2, 5 * scale);
    return { benchmark: 'booking-sequential', unloaded, full, halfLoad: { p50Ms: quantile(half, 0.5), p99Ms: quantile(half, 0.99) } };
  });
