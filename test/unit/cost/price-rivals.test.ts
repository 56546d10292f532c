// Proves what other services would cost by the examples that AWS gives of them.
import Big from 'big.js';
import { describe, expect, it } from 'vitest';
import { priceRival, type RivalName } from '../../../src/cost/price-rivals.ts';
import { makeLoad } from './workloads.ts';

const find = (rival: RivalName, what: string, load: ReturnType<typeof makeLoad>): string | undefined =>
  priceRival(rival, load)
    .parts.find((part) => part.what === what)
    ?.usd.toFixed(2);

describe('what others cost', () => {
  const once = { retryShare: new Big(0) };

  it('a transition for each job: a million runs of four are 100 dollars of Step Functions', () => {
    expect(find('step-functions-standard', 'State transitions', makeLoad(1_000_000, once))).toBe('100.00');
  });

  it('100 million Express runs of 10 s: 100 dollars and 382.97, as on the price page', () => {
    const load = makeLoad(100_000_000, { ...once, steps: 1, jobMs: new Big(10_000) });
    expect(find('step-functions-express', 'Executions', load)).toBe('100.00');
    expect(find('step-functions-express', 'Their time', load)).toBe('382.97');
  });

  it('a million durable runs of four operations, the start among them: 32 dollars, as on the price page', () => {
    expect(find('durable-functions', 'Operations', makeLoad(1_000_000, { ...once, steps: 3 }))).toBe('32.00');
  });

  it("the author's own functions are in each of them", () => {
    for (const rival of ['step-functions-standard', 'step-functions-express'] as const)
      expect(find(rival, 'Jobs: time', makeLoad(1_000_000, once))).toBe('0.67');
    expect(find('durable-functions', 'Functions: time', makeLoad(1_000_000, once))).toBe('0.67');
  });
});
