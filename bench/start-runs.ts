// Starts runs on an engine in this process and waits for their results: what every benchmark of runs drives its load with.
import { writeInbox } from '../src/engine/outbox/derivation.ts';
import type { Engine } from '../src/cli/compose.ts';
import type { Bus } from '../src/ports/bus.ts';

/** What is started. */
export interface Load {
  readonly app: string;
  readonly workflow: string;
  readonly input: unknown;
}

let started = 0;

/** Starts a run. */
export const startRun = (bus: Bus, { app, workflow, input }: Load, run: string): Promise<void> => {
  const start = { type: 'StartRun' as const, run, app, workflow, input: { json: input }, inputHash: '', tags: {}, requestId: run };
  return bus.publish([writeInbox(start)], { timeoutMs: 10_000 });
};

/** Starts one run and waits for its end. @returns milliseconds from the start to the result */
export const completeRun = async (engine: Engine, load: Load, timeoutMs = 120_000, run = `bench-${started++}`): Promise<number> => {
  const from = performance.now();
  await startRun(engine.ports.bus, load, run);
  const row = await engine.projection.awaitRun(run, { timeoutMs });
  if (row?.status !== 'completed') throw new Error(`The run ${run} ended as ${row?.status ?? 'nothing'}: ${JSON.stringify(row)}`);
  return performance.now() - from;
};

/** Keeps `inFlight` runs going until `count` are done. @returns the milliseconds of each */
export const completeRuns = async (engine: Engine, load: Load, count: number, inFlight: number): Promise<number[]> => {
  const times: number[] = [];
  let begun = 0;
  const goOn = async (): Promise<void> => {
    while (begun++ < count) times.push(await completeRun(engine, load));
  };
  await Promise.all(Array.from({ length: inFlight }, goOn));
  return times;
};

/** Starts runs at a steady rate for a while. @returns the milliseconds of each */
export const completeAtRate = async (engine: Engine, load: Load, perSecond: number, seconds: number): Promise<number[]> => {
  const [from, count] = [performance.now(), Math.floor(perSecond * seconds)];
  const running: Promise<number>[] = [];
  while (running.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - from) / 1000) * perSecond));
    while (running.length < due) running.push(completeRun(engine, load));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Promise.all(running);
};

/** The value below which that share of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
};
