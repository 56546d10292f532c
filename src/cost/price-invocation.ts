// Prices one invocation at list price, in exact decimals.
import Big from 'big.js';

/**
 * List prices of AWS Lambda, us-east-1, arm64, on demand, first tier, in US dollars.
 *
 * @see https://aws.amazon.com/lambda/pricing/ (read 2026-11-22)
 */
export const lambdaPrices = { request: '0.0000002', gbSecond: '0.0000133334' } as const;

const requestPrice = new Big(lambdaPrices.request);
/** Per megabyte and millisecond: 1/1024 GB and 1/1000 s, written as decimals so that nothing is rounded. */
const megabyteMillisecondPrice = new Big(lambdaPrices.gbSecond).times('0.0009765625').times('0.001');

/**
 * @param usage - billed milliseconds and megabytes of memory
 * @returns US dollars, exact
 * @example
 * priceInvocation({ billedMs: 100, memoryMb: 1024 }); // '0.00000153334'
 */
export const priceInvocation = (usage: { readonly billedMs: number; readonly memoryMb: number }): string =>
  requestPrice.plus(megabyteMillisecondPrice.times(usage.billedMs).times(usage.memoryMb)).toFixed();
