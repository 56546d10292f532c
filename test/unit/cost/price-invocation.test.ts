// Proves that prices are exact decimals: no cent is lost or made by rounding.
import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lambdaPrices, priceInvocation } from '../../../src/cost/price-invocation.ts';

describe('the list price of an invocation', () => {
  it.each([
    [{ billedMs: 0, memoryMb: 128 }, '0.0000002'],
    [{ billedMs: 1, memoryMb: 1024 }, '0.0000002133334'],
    [{ billedMs: 100, memoryMb: 1024 }, '0.00000153334'],
    [{ billedMs: 1000, memoryMb: 1024 }, '0.0000135334'],
    [{ billedMs: 1, memoryMb: 1 }, '0.000000200013020898437500'.replace(/0+$/, '')],
    [{ billedMs: 900_000, memoryMb: 10_240 }, '0.1200008'],
  ])('%j is %s US dollars', (usage, price) => {
    expect(priceInvocation(usage)).toBe(price);
  });

  it('is the price of the request and of each gigabyte and second, to the last digit', () => {
    const usage = fc.record({ billedMs: fc.nat(900_000), memoryMb: fc.integer({ min: 128, max: 10_240 }) });
    fc.assert(
      fc.property(usage, ({ billedMs, memoryMb }) => {
        const times = new Big(lambdaPrices.gbSecond).times(billedMs).times(memoryMb);
        const rest = new Big(priceInvocation({ billedMs, memoryMb })).minus(lambdaPrices.request).times(1_024_000);
        expect(rest.eq(times)).toBe(true);
      }),
    );
  });

  it('adds up: the sum of many is the price of all together, beside the requests', () => {
    const one = new Big(priceInvocation({ billedMs: 1, memoryMb: 256 })).minus(lambdaPrices.request);
    const many = new Big(priceInvocation({ billedMs: 100_000, memoryMb: 256 })).minus(lambdaPrices.request);
    expect(one.times(100_000).eq(many)).toBe(true);
  });

  it('is never written with an exponent', () => {
    fc.assert(
      fc.property(fc.nat(900_000), (billedMs) => {
        expect(priceInvocation({ billedMs, memoryMb: 128 })).toMatch(/^\d+\.\d+$/);
      }),
    );
  });
});
