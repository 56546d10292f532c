// What a load is to the engine in a month: attempts, commits, messages and bytes.
import Big from 'big.js';
import { readFigure } from './read-figure.ts';
import type { Workload } from './workload.ts';

/** Amounts of one month. */
export interface Traffic {
  readonly steps: Big;
  readonly attempts: Big;
  readonly failures: Big;
  readonly timers: Big;
  readonly commits: Big;
  readonly messages: Big;
  /** Published on the bus, each copy once. */
  readonly bytes: Big;
  /** Values that are too large to travel, and are put into S3. */
  readonly largeValues: Big;
  /** Bytes of a value as it travels: its own, or those of a link. */
  readonly valueBytes: Big;
}

/** Asked for by every part of a bill. */
const measured = new WeakMap<Workload, Traffic>();

/**
 * Measures a load.
 *
 * @example
 * measureTraffic({ ...defaultWorkload, runsPerMonth: new Big(1000) }).commits.toFixed(); // '5000'
 */
export const measureTraffic = (workload: Workload): Traffic => {
  const known = measured.get(workload);
  if (known !== undefined) return known;
  const traffic = measure(workload);
  measured.set(workload, traffic);
  return traffic;
};

const measure = (workload: Workload): Traffic => {
  const runs = workload.runsPerMonth;
  const steps = runs.times(workload.steps);
  const failures = steps.times(workload.retryShare);
  const timers = runs.times(workload.timers);
  const isLarge = readFigure('inlineLimitBytes').lt(workload.payloadBytes);
  const valueBytes = isLarge ? readFigure('linkBytes') : new Big(workload.payloadBytes);
  const grown = valueBytes.minus(readFigure('measuredValueBytes')).times(readFigure('valuesPerStep'));
  const waits = timers.plus(failures);
  return {
    steps,
    attempts: steps.plus(failures),
    failures,
    timers,
    commits: runs.times(workload.steps + 1).plus(timers),
    messages: steps.times(readFigure('messagesPerStep')).plus(waits.times(readFigure('messagesPerTimer'))),
    bytes: steps.times(readFigure('bytesPerStep').plus(grown)).plus(waits.times(readFigure('bytesPerTimer'))),
    // The input of the run, and the result of each step.
    largeValues: isLarge ? runs.times(workload.steps + 1) : new Big(0),
    valueBytes,
  };
};
