// Proves that amounts are priced tier by tier, and that no cent is lost or made where a tier ends.
import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prices } from '../../../src/cost/prices.ts';
import { priceUsage } from '../../../src/cost/price-usage.ts';

describe('an amount', () => {
  it.each([
    ['lambda.request', '1000000', '0.2'],
    ['s3.put', '1000', '0.005'],
    ['lambda.time', '7500000000', '100000.5'],
    // 2.5 billion beyond the first tier.
    ['lambda.time', '10000000000', '130000.75'],
    // All three tiers: 7.5 and 11.25 billion, and 1 more.
    ['lambda.time', '18750000001', '235001.6250106667'],
    ['logs.ingest', '60000', '12500'],
    ['express.time', '17361', '382.96762'],
  ] as const)('of %s, %s of them, costs %s dollars', (name, amount, usd) => {
    expect(priceUsage(name, new Big(amount)).toFixed()).toBe(usd);
  });

  it('costs the same in one piece and in two, wherever the tiers end', () => {
    const names = fc.constantFrom('lambda.time', 'logs.ingest', 'express.time', 's3.put');
    const amounts = fc.tuple(fc.nat(2_000_000_000), fc.nat(2_000_000_000), fc.constantFrom(1, 20));
    fc.assert(
      fc.property(names, amounts, (name, [one, other, times]) => {
        const [first, second] = [new Big(one).times(times), new Big(other).times(times)];
        const apart = priceUsage(name, first).plus(priceUsage(name, second, first));
        expect(apart.eq(priceUsage(name, first.plus(second)))).toBe(true);
      }),
    );
  });
});

describe('the table of prices', () => {
  it.each(Object.entries(prices))('%s is an exact decimal with its unit, its source and its days', (_, price) => {
    expect(price.usd).toMatch(/^\d+\.\d+$/);
    expect(price.unit).not.toBe('');
    expect(price.source.url).toMatch(/^https:\/\//);
    expect(price.source.read).toMatch(/^2026-\d\d-\d\d$/);
    expect((price.source.of ?? '') <= price.source.read).toBe(true);
  });

  it('has tiers that begin later and cost less, one after the other', () => {
    const tiers = Object.entries(prices).flatMap(([name, price]) =>
      'from' in price ? [{ base: name.replace(/\.\d$/, ''), ...price }] : [],
    );
    expect(tiers.length).toBeGreaterThan(0);
    for (const { base, usd } of tiers)
      expect(new Big(usd).lt(Object.entries(prices).find(([name]) => name === base)?.[1].usd ?? 0)).toBe(true);
  });
});
