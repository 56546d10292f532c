// Proves that a break-even is where both cost the same, and that the cheaper one is the cheaper one on each side.
import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createComparison, findCheaperRanges } from '../../../src/cost/break-even.ts';
import { rivalNames } from '../../../src/cost/price-rivals.ts';
import { anyShape, makeLoad } from './workloads.ts';

describe('a break-even', () => {
  it('of four jobs is where it was worked out by hand: at 1.3 runs a second beside Step Functions, at 5.5 beside durable functions', () => {
    // 275.47 dollars before the first run, and for a million of them 23.14; the others 101.47 and 41.19:
    // 275.47 / (101.47 - 23.14) = 3.52 million a month, 275.47 / (41.19 - 23.14) = 15.3 million.
    const compare = createComparison(makeLoad(1, { retryShare: new Big(0) }));
    expect(findCheaperRanges(compare, 'step-functions-standard').map(({ from }) => from.toFixed(1))).toEqual(['1.3']);
    expect(findCheaperRanges(compare, 'durable-functions').map(({ from }) => from.toFixed(1))).toEqual(['5.5']);
    expect(findCheaperRanges(compare, 'step-functions-express')).toEqual([]);
  }, 60_000);

  it('is where both cost the same, to a cent', () => {
    fc.assert(
      fc.property(anyShape, fc.constantFrom(...rivalNames), (shape, rival) => {
        const compare = createComparison(makeLoad(1, shape));
        const ranges = findCheaperRanges(compare, rival);
        for (const { from } of ranges) {
          const [difference, before] = [compare(from, rival), compare(from.times('0.99999'), rival)];
          expect(difference.lte(0)).toBe(true);
          expect(before.gt(0)).toBe(true);
          expect(before.minus(difference).lt('0.1')).toBe(true);
        }
        // Where it ends, machines are added: the bill jumps.
        const ends = ranges.flatMap(({ to }) => (to === undefined ? [] : [to]));
        expect(ends.filter((to) => compare(to, rival).lte(0))).toEqual([]);
      }),
      { numRuns: 3 },
    );
  }, 60_000);

  it('of a size that is forced goes on with the next one where the load is too much for it', () => {
    const compare = createComparison(makeLoad(1), 'dev');
    expect(compare(new Big(1), 'durable-functions').lt(createComparison(makeLoad(1))(new Big(1), 'durable-functions'))).toBe(true);
    expect(compare(new Big(1000), 'durable-functions').eq(createComparison(makeLoad(1))(new Big(1000), 'durable-functions'))).toBe(true);
  });
});
