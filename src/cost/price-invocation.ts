// Prices one invocation at list price, in exact decimals.
import Big from 'big.js';
import { prices } from './prices.ts';

/** List prices of AWS Lambda, us-east-1, arm64, on demand, first tier, in US dollars. */
export const lambdaPrices = { request: prices['lambda.request'].usd, gbSecond: prices['lambda.time'].usd } as const;

const requestPrice = new Big(lambdaPrices.request);
/** GB-seconds of one megabyte for one millisecond: 1/1024 GB and 1/1000 s, written as decimals so that nothing is rounded. */
export const GB_SECONDS_PER_MB_MS = new Big('0.0009765625').times('0.001');
const megabyteMillisecondPrice = new Big(lambdaPrices.gbSecond).times(GB_SECONDS_PER_MB_MS);

/**
 * @param usage - billed milliseconds and megabytes of memory
 * @returns US dollars, exact
 * @example
 * priceInvocation({ billedMs: 100, memoryMb: 1024 }); // '0.00000153334'
 */
export const priceInvocation = (usage: { readonly billedMs: number; readonly memoryMb: number }): string =>
  requestPrice.plus(megabyteMillisecondPrice.times(usage.billedMs).times(usage.memoryMb)).toFixed();
