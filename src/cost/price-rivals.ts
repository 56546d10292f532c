// What the same runs would cost on services of AWS that do a similar thing, the author's own functions included.
import Big from 'big.js';
import { pricePart, sumParts, type CostPart } from './cost-part.ts';
import { measureTraffic } from './measure-traffic.ts';
import { measureJobTime } from './price-functions.ts';
import { GB_SECONDS_PER_MB_MS } from './price-invocation.ts';
import { MONTH, type Workload } from './workload.ts';

/** A service that runs are compared on. */
export type RivalName = 'step-functions-standard' | 'step-functions-express' | 'durable-functions';

/** What a service costs for a load. */
export interface RivalCost {
  readonly name: RivalName;
  readonly title: string;
  readonly parts: readonly CostPart[];
  /** US dollars a month. */
  readonly usd: Big;
  /** What to know before the figures are put side by side. */
  readonly note: string;
}

const GB = new Big('0.000000001');
const SECONDS_PER_HOUR = 3600;
/** Express bills at least this much memory, and time in steps of so many milliseconds. */
const EXPRESS = { memoryMb: 64, stepMs: 100 };
/** Days that a durable function keeps what it wrote, unless told otherwise. */
const DURABLE_KEPT_DAYS = 14;

const priceJobs = (workload: Workload): readonly CostPart[] => [
  pricePart('rival', 'Jobs: requests', 'lambda.request', measureTraffic(workload).attempts),
  pricePart('rival', 'Jobs: time', 'lambda.time', measureJobTime(workload)),
];

/** One transition for each attempt and each wait: no Choice, Parallel or Map, which cost one each. */
const listStandard = (workload: Workload): readonly CostPart[] => {
  const { attempts, timers } = measureTraffic(workload);
  return [pricePart('rival', 'State transitions', 'states.transition', attempts.plus(timers)), ...priceJobs(workload)];
};

/** As long as its jobs take one after another; a wait is not counted, and may not be longer than five minutes. */
const listExpress = (workload: Workload): readonly CostPart[] => {
  const ms = workload.jobMs.times(workload.retryShare.plus(1)).times(workload.steps);
  const billedMs = ms.div(EXPRESS.stepMs).round(0, Big.roundUp).times(EXPRESS.stepMs);
  const seconds = workload.runsPerMonth.times(billedMs).times(EXPRESS.memoryMb).times(GB_SECONDS_PER_MB_MS);
  return [
    pricePart('rival', 'Executions', 'express.request', workload.runsPerMonth),
    pricePart('rival', 'Their time', 'express.time', seconds.div(SECONDS_PER_HOUR)),
    ...priceJobs(workload),
  ];
};

/** An operation for the start, for each attempt and each wait; steps run inside of one function, which begins anew after each wait. */
const listDurable = (workload: Workload): readonly CostPart[] => {
  const { attempts, timers } = measureTraffic(workload);
  const runs = workload.runsPerMonth;
  const written = attempts.plus(runs).times(workload.payloadBytes).times(GB);
  const kept = written.times(DURABLE_KEPT_DAYS).times(24).div(MONTH.hours);
  return [
    pricePart('rival', 'Operations', 'durable.operation', runs.plus(attempts).plus(timers)),
    pricePart('rival', 'Data written', 'durable.written', written),
    pricePart('rival', 'Data kept 14 days', 'durable.kept', kept),
    pricePart('rival', 'Functions: requests', 'lambda.request', runs.plus(timers)),
    pricePart('rival', 'Functions: time', 'lambda.time', measureJobTime(workload)),
  ];
};

interface Rival {
  readonly title: string;
  readonly note: string;
  readonly list: (workload: Workload) => readonly CostPart[];
}

const rivals: Readonly<Record<RivalName, Rival>> = {
  'step-functions-standard': {
    title: 'Step Functions Standard',
    note: 'One transition for each attempt and each wait; Choice, Parallel, Map and Pass cost one more each. 25,000 events a run at most.',
    list: listStandard,
  },
  'step-functions-express': {
    title: 'Step Functions Express',
    note: 'Not the same promise: five minutes a run at most, no history of its own, and a run that was cut off begins again from the start.',
    list: listExpress,
  },
  'durable-functions': {
    title: 'Lambda durable functions',
    note: 'Steps run inside of one function; what it computes again after a wait is not counted. 3,000 operations and 100 MB a run at most.',
    list: listDurable,
  },
};

/** Names of the services. */
export const rivalNames = [
  'step-functions-standard',
  'step-functions-express',
  'durable-functions',
] as const satisfies readonly RivalName[];

/** Prices a load on a service. */
export const priceRival = (name: RivalName, workload: Workload): RivalCost => {
  const { title, note, list } = rivals[name];
  const parts = list(workload);
  return { name, title, note, parts, usd: sumParts(parts) };
};
