// One line of a bill: what it is for, how much of it, and what that costs.
import Big from 'big.js';
import { prices, type PriceName } from './prices.ts';
import { priceUsage } from './price-usage.ts';

/** Parts that are shown together. */
export type CostGroup = 'functions' | 'state' | 'objects' | 'machines' | 'network' | 'watching' | 'keys' | 'rival';

/** A line of a bill, for one month. */
export interface CostPart {
  readonly group: CostGroup;
  readonly what: string;
  readonly price: PriceName;
  /** In the price's unit. */
  readonly amount: Big;
  readonly unit: string;
  readonly usd: Big;
}

/**
 * Prices a line.
 *
 * @param before - amount of the same thing in lines before this one, for the tiers
 */
export const pricePart = (group: CostGroup, what: string, price: PriceName, amount: Big, before?: Big): CostPart => ({
  group,
  what,
  price,
  amount,
  unit: prices[price].unit,
  usd: priceUsage(price, amount, before),
});

/** Sums lines. */
export const sumParts = (parts: readonly CostPart[]): Big => parts.reduce((sum, { usd }) => sum.plus(usd), new Big(0));
