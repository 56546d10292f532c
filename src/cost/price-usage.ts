// Multiplies amounts by their prices, in exact decimals, tier by tier where there are tiers.
import Big from 'big.js';
import { prices, type Price, type PriceName } from './prices.ts';

interface Tier {
  readonly start: Big;
  readonly usd: Big;
}

/** A price and the tiers above it, by the price's name. */
const tiers: ReadonlyMap<string, readonly Tier[]> = new Map(
  [
    ...Map.groupBy(Object.entries<Price>(prices), ([name, { from }]) => (from === undefined ? name : name.slice(0, name.lastIndexOf('.')))),
  ].map(([name, entries]) => [name, entries.map(([, { from = '0', usd }]) => ({ start: new Big(from), usd: new Big(usd) }))]),
);

const least = (one: Big, other: Big): Big => (one.lt(other) ? one : other);

/**
 * Prices an amount used in one month.
 *
 * @param amount - in the price's unit
 * @param before - what of the same thing was used and priced already; the tiers go on from there
 * @returns US dollars, exact
 * @example
 * priceUsage('s3.put', new Big(1_000_000)).toFixed(); // '5'
 */
export const priceUsage = (name: PriceName, amount: Big, before: Big = new Big(0)): Big => {
  const own = tiers.get(name) ?? [];
  const end = before.plus(amount);
  return own.reduce((sum, tier, at) => {
    const next = own[at + 1];
    const to = next === undefined ? end : least(end, next.start);
    const from = before.gt(tier.start) ? before : tier.start;
    return to.gt(from) ? sum.plus(to.minus(from).times(tier.usd)) : sum;
  }, new Big(0));
};
