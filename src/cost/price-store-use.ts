// Prices what a run used of the stores at list price, in exact decimals.
import Big from 'big.js';
import { prices } from './prices.ts';

/** What was used of stores that are paid by use. */
export interface StoreUse {
  /** Read request units of DynamoDB. */
  readonly readUnits: number;
  /** Write request units of DynamoDB. */
  readonly writeUnits: number;
  /** Requests of S3 that read. */
  readonly gets: number;
  /** Requests of S3 that put. */
  readonly puts: number;
}

const priced = [
  ['readUnits', prices['dynamodb.read'].usd],
  ['writeUnits', prices['dynamodb.write'].usd],
  ['gets', prices['s3.get'].usd],
  ['puts', prices['s3.put'].usd],
] as const;

/**
 * @returns US dollars, exact
 * @example
 * priceStoreUse({ readUnits: 0, writeUnits: 7, gets: 0, puts: 1 }); // '0.000009375'
 */
export const priceStoreUse = (use: StoreUse): string =>
  priced.reduce((sum, [what, usd]) => sum.plus(new Big(usd).times(use[what])), new Big(0)).toFixed();
