// Measures how late timers fire: runs that sleep, started over a while.
import { onEngine } from './open-engine.ts';
import { quantile } from './start-runs.ts';
import { writeInbox } from '../src/engine/outbox/derivation.ts';

/** Runs the benchmark. @param scale - 1 for the full size */
export const benchTimers = (scale: number) =>
  onEngine(['bench/apps/app.ts'], async (engine) => {
    const count = Math.ceil(2000 * scale);
    const lateness: number[] = [];
    const sleep = async (i: number): Promise<void> => {
      const run = `sleep-${i}`;
      await new Promise((resolve) => setTimeout(resolve, i * 2));
      const input = { json: { ms: 1000 + (i % 500) } };
      const letter = writeInbox({ type: 'StartRun', run, app: 'load', workflow: 'sleep-once', input, inputHash: '', tags: {}, requestId: run });
      await engine.ports.bus.publish([letter], { timeoutMs: 10_000 });
      const row = await engine.projection.awaitRun(run, { timeoutMs: 60_000 });
      const output: unknown = row?.output && 'json' in row.output ? row.output.json : undefined;
      if (typeof output !== 'number') throw new Error(`The run ${run} ended as ${row?.status ?? 'nothing'}.`);
      lateness.push(output);
    };
    await Promise.all(Array.from({ length: count }, (_, i) => sleep(i)));
    return { benchmark: 'timers', timers: count, earlyOnes: lateness.filter((ms) => ms < 0).length, lateP50Ms: quantile(lateness, 0.5), lateP99Ms: quantile(lateness, 0.99) };
  });
