// Measures how late timers fire: runs that sleep, started over a while; beside it what this thread and the machine make of it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../src/cli/compose.ts';
import { watchMachine } from './idle-machine.ts';
import { onEngine } from './open-engine.ts';
import { quantile, startRun } from './start-runs.ts';

/** Starts one run that sleeps. @returns how late it woke, as its own code saw it, in milliseconds */
const sleep = async ({ ports, projection }: Engine, run: string, ms: number): Promise<number> => {
  await startRun(ports.bus, { app: 'load', workflow: 'sleep-once', input: { ms } }, run);
  const row = await projection.awaitRun(run, { timeoutMs: 60_000 });
  const output: unknown = row?.output && 'json' in row.output ? row.output.json : undefined;
  if (typeof output !== 'number') throw new Error(`The run ${run} ended as ${row?.status ?? 'nothing'}.`);
  return output;
};

/** Runs the benchmark. @param scale - 1 for the full size */
export const benchTimers = (scale: number) =>
  onEngine(['bench/apps/app.ts'], async (engine) => {
    const count = Math.ceil(2000 * scale);
    // The first decision and the first timer load code.
    await sleep(engine, 'warm-up', 1);
    const [endMachine, delay] = [await watchMachine(), monitorEventLoopDelay({ resolution: 1 })];
    delay.enable();
    const late = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        await pause(i * 2);
        return sleep(engine, `sleep-${i}`, 1000 + (i % 500));
      }),
    );
    delay.disable();
    return {
      benchmark: 'timers',
      timers: count,
      earlyOnes: late.filter((ms) => ms < 0).length,
      lateP50Ms: quantile(late, 0.5),
      lateP99Ms: quantile(late, 0.99),
      mainThreadP99Ms: Math.round(delay.percentile(99) / 1e4) / 100,
      machine: await endMachine(),
    };
  });
