// The bill of a platform for one month: all its parts, at list price.
import type Big from 'big.js';
import { sumParts, type CostPart } from './cost-part.ts';
import { planFleet, type Fleet } from './plan-fleet.ts';
import { priceFunctions } from './price-functions.ts';
import { priceKeys, priceMachines, priceNetwork, priceWatching } from './price-infrastructure.ts';
import { priceObjects, priceState } from './price-stores.ts';
import { sizeNames, type SizeName } from './size-shapes.ts';
import type { Workload } from './workload.ts';

/** What a platform of one size costs. */
export interface PlatformCost {
  readonly fleet: Fleet;
  readonly parts: readonly CostPart[];
  /** US dollars a month. */
  readonly usd: Big;
}

/**
 * Prices a load on a size.
 *
 * @example
 * pricePlatform('small', { ...defaultWorkload, runsPerMonth: new Big(0) }).usd.toFixed(2); // '275.47': for what only stands there
 */
export const pricePlatform = (size: SizeName, workload: Workload): PlatformCost => {
  const fleet = planFleet(size, workload);
  const parts = [
    ...priceMachines(fleet),
    ...priceNetwork(fleet, workload),
    ...priceFunctions(workload, fleet.connectors),
    ...priceState(workload),
    ...priceObjects(workload),
    ...priceWatching(fleet, workload),
    ...priceKeys(fleet),
  ];
  return { fleet, parts, usd: sumParts(parts) };
};

/** The smallest size that takes the load and survives the loss of a machine. */
export const chooseSize = (workload: Workload): SizeName =>
  sizeNames.find((size) => {
    const { shape, holds } = planFleet(size, workload);
    return shape.survivesLoss && holds;
  }) ?? 'production';
