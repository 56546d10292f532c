// Finds the rates from which on a platform costs no more than a service that has no machines, and those where it does again.
import Big from 'big.js';
import { planFleet } from './plan-fleet.ts';
import { chooseSize, pricePlatform } from './price-platform.ts';
import { priceRival, type RivalName } from './price-rivals.ts';
import type { SizeName } from './size-shapes.ts';
import { MONTH, type Workload } from './workload.ts';

/** Rates between which the platform costs no more than the other. */
export interface CheaperRange {
  /** Runs a second at which both cost the same. */
  readonly from: Big;
  /** Runs a second from which on the other is cheaper again, because machines are added there; absent where that does not happen. */
  readonly to?: Big;
}

/** How much more the platform costs at each rate, US dollars a month. */
export type Comparison = (runsPerSecond: Big, rival: RivalName) => Big;

/** Runs a second that are looked at: from about one in a day, in steps of a quarter. */
const LOWEST = 0.000_01;
const HIGHEST = 10_000;
const STEP = 1.25;
const STEPS = Math.ceil(Math.log(HIGHEST / LOWEST) / Math.log(STEP));
const rates: readonly Big[] = Array.from({ length: STEPS + 1 }, (_, at) => new Big((LOWEST * STEP ** at).toPrecision(6)));

/** Halvings of a step: the place is found to a millionth of itself. */
const HALVINGS = 20;
const DECIMALS = 12;

/**
 * Makes a comparison of a load, its rate aside; what the platform costs at a rate is computed once for all rivals.
 *
 * @param size - of the platform, as long as it takes the rate; else the one that does
 */
export const createComparison = (workload: Workload, size?: SizeName): Comparison => {
  const known = new Map<string, Big>();
  const price = (load: Workload): Big => {
    const key = load.runsPerMonth.toFixed();
    const fits = size !== undefined && planFleet(size, load).holds ? size : chooseSize(load);
    const usd = known.get(key) ?? pricePlatform(fits, load).usd;
    known.set(key, usd);
    return usd;
  };
  return (runsPerSecond, rival) => {
    const load = { ...workload, runsPerMonth: runsPerSecond.times(MONTH.seconds) };
    return price(load).minus(priceRival(rival, load).usd);
  };
};

/** The first rate, between two on different sides, that is not before the place any more. */
const halve = (low: Big, high: Big, isBefore: (rate: Big) => boolean): Big => {
  let [from, to] = [low, high];
  for (let at = 0; at < HALVINGS; at++) {
    const middle = from.plus(to).times('0.5').round(DECIMALS);
    if (isBefore(middle)) from = middle;
    else to = middle;
  }
  return to;
};

/**
 * Finds all ranges of rates, up to 10,000 runs a second, in which the platform is not dearer.
 *
 * @example
 * findCheaperRanges(createComparison(workload), 'step-functions-standard')[0]?.from.toFixed(1); // '1.3'
 */
export const findCheaperRanges = (compare: Comparison, rival: RivalName): readonly CheaperRange[] => {
  const isDearer = (rate: Big): boolean => compare(rate, rival).gt(0);
  const ranges: CheaperRange[] = [];
  let begun: Big | undefined;
  let before: Big | undefined;
  for (const rate of rates) {
    const dearer = isDearer(rate);
    if (!dearer && begun === undefined) begun = before === undefined ? rate : halve(before, rate, isDearer);
    if (dearer && begun !== undefined && before !== undefined) {
      ranges.push({ from: begun, to: halve(before, rate, (middle) => !isDearer(middle)) });
      begun = undefined;
    }
    before = rate;
  }
  return begun === undefined ? ranges : [...ranges, { from: begun }];
};
