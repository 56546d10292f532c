// What would make a platform cheaper: the same model with one thing changed, and what that saves.
import type Big from 'big.js';
import { pricePlatform, type PlatformCost } from './price-platform.ts';
import { prices } from './prices.ts';
import type { Workload } from './workload.ts';

/** One way to pay less. */
export interface Saving {
  readonly what: string;
  /** US dollars a month. */
  readonly usd: Big;
}

interface Change {
  readonly what: string;
  readonly apply: (workload: Workload) => Workload;
}

const changes: readonly Change[] = [
  {
    what: "Keep Lambda's own lines out of CloudWatch Logs; only with functions whose reports still come back, else costs are estimates",
    apply: (workload) => ({ ...workload, functionLogs: false }),
  },
  { what: 'One job less in each run', apply: (workload) => ({ ...workload, steps: Math.max(1, workload.steps - 1) }) },
  {
    what: 'Jobs that do with half of the memory in the same time',
    apply: (workload) => ({ ...workload, jobMemoryMb: Math.max(128, Math.floor(workload.jobMemoryMb / 2)) }),
  },
  { what: 'Jobs that take half of the time', apply: (workload) => ({ ...workload, jobMs: workload.jobMs.times('0.5') }) },
  { what: 'Values of half of the size', apply: (workload) => ({ ...workload, payloadBytes: Math.floor(workload.payloadBytes / 2) }) },
  {
    what: 'Keep what is in S3 for half of the time',
    apply: (workload) => ({ ...workload, retentionDays: Math.ceil(workload.retentionDays / 2) }),
  },
  {
    what: 'A peak half as far above the average, for fewer machines',
    apply: (workload) => ({ ...workload, peakFactor: workload.peakFactor.plus(1).times('0.5') }),
  },
];

/** Less than this share of the bill is not worth a line. */
const WORTH = '0.01';

/** An archive of its own for each run: what that costs is known, and many in one object would cost next to nothing. */
const listArchives = ({ parts }: PlatformCost, workload: Workload): readonly Saving[] =>
  parts.some(({ price }) => price === 's3.put')
    ? [
        {
          what: 'Many archives in one object of S3; the engine does not do that yet',
          usd: workload.runsPerMonth.times(prices['s3.put'].usd),
        },
      ]
    : [];

/** Lists what saves something, the most first. */
export const listSavings = (cost: PlatformCost, workload: Workload): readonly Saving[] => {
  const savings = changes.map(({ what, apply }) => ({ what, usd: cost.usd.minus(pricePlatform(cost.fleet.size, apply(workload)).usd) }));
  return [...savings, ...listArchives(cost, workload)]
    .filter(({ usd }) => usd.gt(cost.usd.times(WORTH)))
    .toSorted((one, other) => other.usd.cmp(one.usd));
};
