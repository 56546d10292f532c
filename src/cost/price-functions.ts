// What the functions cost: decisions, jobs, their repetition, and timers.
import type Big from 'big.js';
import { pricePart, type CostPart } from './cost-part.ts';
import { readFigure } from './read-figure.ts';
import { measureTraffic } from './measure-traffic.ts';
import { GB_SECONDS_PER_MB_MS } from './price-invocation.ts';
import { MONTH, type Workload } from './workload.ts';

/** Invocations of one month. */
export interface Invocations {
  readonly decisions: Big;
  readonly jobs: Big;
  readonly retries: Big;
  readonly timers: Big;
}

/**
 * Counts invocations. Decisions share invocations by themselves: while as many are under way as may be, what comes waits for the next.
 *
 * @param connectors - processes that invoke
 */
export const countInvocations = (workload: Workload, connectors: number): Invocations => {
  const { attempts, commits, failures, timers } = measureTraffic(workload);
  const perSecond = readFigure('decisionsInFlight').times(connectors).times(1000).div(readFigure('decisionRoundTripMs'));
  const most = perSecond.times(MONTH.seconds);
  return { decisions: commits.lt(most) ? commits : most, jobs: attempts, retries: failures, timers: timers.plus(failures) };
};

const sum = ({ decisions, jobs, retries, timers }: Invocations): Big => decisions.plus(jobs).plus(retries).plus(timers);

/** All invocations. */
export const countAllInvocations = (workload: Workload, connectors: number): Big => sum(countInvocations(workload, connectors));

/** GB-seconds of the author's own code. */
export const measureJobTime = (workload: Workload): Big =>
  measureTraffic(workload).attempts.times(workload.jobMs).times(workload.jobMemoryMb).times(GB_SECONDS_PER_MB_MS);

/** Prices the functions. */
export const priceFunctions = (workload: Workload, connectors: number): readonly CostPart[] => {
  const { decisions, jobs, retries, timers } = countInvocations(workload, connectors);
  const { commits } = measureTraffic(workload);
  const engineMb = readFigure('engineMemoryMb').times(GB_SECONDS_PER_MB_MS);
  const decisionMs = decisions.times(workload.decisionMs).plus(commits.times(readFigure('decisionRunMs')));
  const decisionTime = decisionMs.times(workload.decisionMemoryMb).times(GB_SECONDS_PER_MB_MS);
  const others = retries.plus(timers);
  const otherTime = others.times(readFigure('smallFunctionMs')).times(engineMb);
  return [
    pricePart('functions', 'Decisions: requests', 'lambda.request', decisions),
    pricePart('functions', 'Decisions: time', 'lambda.time', decisionTime),
    pricePart('functions', 'Job-retry and timers: requests', 'lambda.request', others),
    pricePart('functions', 'Job-retry and timers: time', 'lambda.time', otherTime, decisionTime),
    pricePart('functions', 'Jobs: requests', 'lambda.request', jobs),
    pricePart('functions', 'Jobs: time', 'lambda.time', measureJobTime(workload), decisionTime.plus(otherTime)),
  ];
};
