// Puts a whole plan together: the size to choose, its bill, the others beside it, and where they cost the same.
import type Big from 'big.js';
import { createComparison, findCheaperRanges, type CheaperRange } from './break-even.ts';
import type { CostPart } from './cost-part.ts';
import { listSavings, type Saving } from './list-savings.ts';
import type { Fleet } from './plan-fleet.ts';
import { chooseSize, pricePlatform } from './price-platform.ts';
import { priceRival, rivalNames, type RivalCost } from './price-rivals.ts';
import { sizeNames, type SizeName } from './size-shapes.ts';
import type { Workload } from './workload.ts';

/** A size beside the one that was chosen. */
export interface SizeCost {
  readonly size: SizeName;
  readonly usd: Big;
  readonly holds: boolean;
  readonly survivesLoss: boolean;
}

/** A service beside the platform. */
export interface ComparedRival extends RivalCost {
  /** Rates at which the platform costs no more; none where it never does. */
  readonly cheaper: readonly CheaperRange[];
}

/** A plan for one load. */
export interface Plan {
  readonly workload: Workload;
  readonly size: SizeName;
  readonly fleet: Fleet;
  readonly parts: readonly CostPart[];
  /** US dollars a month. */
  readonly usd: Big;
  /** US dollars for 1,000 runs, and for one step; absent where there are none. */
  readonly usdPer1000Runs?: Big;
  readonly usdPerStep?: Big;
  readonly sizes: readonly SizeCost[];
  readonly rivals: readonly ComparedRival[];
  readonly savings: readonly Saving[];
}

/** Decimals that a quotient is rounded to; sums and products are exact. */
const DECIMALS = 12;

const divide = (usd: Big, by: Big): Big => usd.div(by).round(DECIMALS);

/**
 * Makes a plan.
 *
 * @param forced - a size that is taken whether it fits or not
 * @example
 * makePlan({ ...defaultWorkload, runsPerMonth: new Big(1_000_000) }).size; // 'small'
 */
export const makePlan = (workload: Workload, forced?: SizeName): Plan => {
  const size = forced ?? chooseSize(workload);
  const cost = pricePlatform(size, workload);
  const { fleet, parts, usd } = cost;
  const runs = workload.runsPerMonth;
  const compare = createComparison(workload, forced);
  return {
    workload,
    size,
    fleet,
    parts,
    usd,
    ...(runs.gt(0) && { usdPer1000Runs: divide(usd.times(1000), runs), usdPerStep: divide(usd, runs.times(workload.steps)) }),
    sizes: sizeNames.map((name) => {
      const other = pricePlatform(name, workload);
      return { size: name, usd: other.usd, holds: other.fleet.holds, survivesLoss: other.fleet.shape.survivesLoss };
    }),
    rivals: rivalNames.map((rival) => ({ ...priceRival(rival, workload), cheaper: findCheaperRanges(compare, rival) })),
    savings: listSavings(cost, workload),
  };
};
