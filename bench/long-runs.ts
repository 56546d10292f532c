// Measures runs of many steps: the time per step at 100, 1,000 and 10,000, a fan-out of 10,000 jobs, and a hot run among 500 others.
import { writeInbox } from '../src/engine/outbox/derivation.ts';
import type { Engine } from '../src/cli/compose.ts';
import { onColdEngine } from './cold-engine.ts';
import { onEngine } from './open-engine.ts';
import { completeRun, completeRuns, quantile, startRun } from './start-runs.ts';

const entry = 'bench/apps/app.ts';
const TIMEOUT_MS = 600_000;

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** One run of that many steps, one after another. */
const measureSteps = async (engine: Engine, steps: number) => {
  const ms = await completeRun(engine, { app: 'load', workflow: 'count-steps', input: { steps } }, TIMEOUT_MS);
  return { steps, msPerStep: round(ms / steps) };
};

/** Several runs of 100 steps: one alone is over before the machine has warmed up. */
const measureHundreds = async (engine: Engine) => {
  const each: number[] = [];
  for (let i = 0; i < 10; i++) each.push((await measureSteps(engine, 100)).msPerStep);
  return { steps: 100, msPerStep: quantile(each, 0.5) };
};

/** One run of that many steps; every hundred of them all that is known of it is forgotten, so that it is loaded and replayed from its beginning. */
const measureColdSteps = (steps: number) =>
  onColdEngine(entry, async (engine) => {
    const { bus, projection } = engine;
    await startRun(bus, { app: 'load', workflow: 'count-steps', input: { steps } }, 'cold');
    let [workedMs, loads] = [0, 0];
    for (let target = 100; projection.find('cold')?.status !== 'completed'; target += 100) {
      const hasCome = (): true | undefined => {
        const row = projection.find('cold');
        return row !== undefined && (row.version >= target || row.status === 'completed') ? true : undefined;
      };
      workedMs += await engine.work(() => projection.waitUntil('cold', hasCome, { timeoutMs: TIMEOUT_MS }));
      loads += 1;
    }
    return { steps, loads, msPerStep: round(workedMs / steps) };
  });

/** A run that gets 10,000 signals at once, while 500 others take their steps. */
const measureHotRun = async (engine: Engine, hits: number) => {
  const others = { app: 'load', workflow: 'count-steps', input: { steps: 4 } };
  const alone = await completeRuns(engine, others, 500, 50);
  const hot = completeRun(engine, { app: 'load', workflow: 'count-hits', input: { hits } }, TIMEOUT_MS, 'hot');
  const letters = Array.from({ length: hits }, (_, i) =>
    writeInbox({ type: 'Signal', run: 'hot', signal: 'hit', value: { json: i }, requestId: `hit-${i}` }),
  );
  const sent = engine.ports.bus.publish(letters, { timeoutMs: 60_000 });
  const beside = await completeRuns(engine, others, 500, 50);
  await sent;
  return { hits, hotRunMs: Math.round(await hot), othersP99MsAlone: quantile(alone, 0.99), othersP99MsBeside: quantile(beside, 0.99) };
};

/** Runs the benchmark. @param scale - 1 for the full size */
export const benchLongRuns = async (scale: number) => {
  const cold = [await measureColdSteps(100), await measureColdSteps(1000 * scale), await measureColdSteps(10_000 * scale)];
  const warm = await onEngine([entry], async (engine) => {
    await completeRuns(engine, { app: 'load', workflow: 'count-steps', input: { steps: 4 } }, 500, 50);
    const live = [await measureHundreds(engine), await measureSteps(engine, 1000 * scale), await measureSteps(engine, 10_000 * scale)];
    const jobs = 10_000 * scale;
    const fanOutMs = await completeRun(engine, { app: 'load', workflow: 'fan-out', input: { jobs } }, TIMEOUT_MS);
    return { live, fanOut: { jobs, ms: Math.round(fanOutMs) }, hotRun: await measureHotRun(engine, 10_000 * scale) };
  });
  return { benchmark: 'long-runs', ...warm, coldEvery100Steps: cold };
};
