// Drives load through the line for a while: so many runs at once, each followed by another one.
import { randomUUID } from 'node:crypto';
import { quantile, startRun, type Load } from './start-runs.ts';
import type { Line } from './aws-local/open-line.ts';

/** How much load. */
export interface Drive {
  readonly load: Load;
  /** Begins the ids of its runs. */
  readonly name: string;
  readonly inFlight: number;
  /** No run is started after that; those in flight end. */
  readonly seconds: number;
  /** Jobs of one run. */
  readonly stepsPerRun: number;
}

const TIMEOUT_MS = 180_000;

const completeRun = async ({ bus, projection }: Line, load: Load, run: string): Promise<number> => {
  const from = performance.now();
  const ended = projection.awaitRun(run, { timeoutMs: TIMEOUT_MS });
  await startRun(bus, load, run);
  const row = await ended;
  if (row?.status !== 'completed') throw new Error(`The run ${run} ended as ${row?.status ?? 'nothing'}: ${JSON.stringify(row)}`);
  return performance.now() - from;
};

const countDecisions = ({ aws }: Line): number =>
  aws.lambda.listInvocations().filter(({ functionName }) => functionName.includes('_decision')).length;

/** Drives it, and says what it took. */
export const driveRuns = async (line: Line, { load, name, inFlight, seconds, stepsPerRun }: Drive) => {
  const [from, decisionsBefore] = [performance.now(), countDecisions(line)];
  const times: number[] = [];
  const goOn = async (): Promise<void> => {
    do {
      times.push(await completeRun(line, load, `${name}-${randomUUID()}`));
    } while (performance.now() - from < seconds * 1000);
  };
  await Promise.all(Array.from({ length: inFlight }, goOn));
  const wallMs = performance.now() - from;
  const decisions = countDecisions(line) - decisionsBefore;
  return {
    inFlight,
    runs: times.length,
    // From the first start to the last end: the filling and the draining are part of it.
    runsPerSecond: Math.round((times.length / wallMs) * 10_000) / 10,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    decisionInvocationsPer1000Steps: Math.round((decisions / times.length / stepsPerRun) * 1000),
  };
};
