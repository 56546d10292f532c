// Proves how machines are planned: enough, one to lose, more for more, and a size that says when it is too small.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFleet, type Fleet } from '../../../src/cost/plan-fleet.ts';
import { chooseSize } from '../../../src/cost/price-platform.ts';
import { anyRate, anyShape, makeLoad, perSecond } from './workloads.ts';

const countOf = ({ machines }: Fleet, role: string): number => machines.find((machine) => machine.role === role)?.count ?? 0;

describe('a fleet', () => {
  it('of `production` has what it needs at the least, however little there is to do', () => {
    const fleet = planFleet('production', makeLoad(1));
    expect(['zookeeper', 'bookie', 'broker', 'connector'].map((role) => countOf(fleet, role))).toEqual([3, 4, 3, 2]);
  });

  it('of `production` has for 200 runs a second of six jobs, twice that at the peak, what was worked out by hand', () => {
    const fleet = planFleet('production', makeLoad(perSecond(200), { steps: 6 }));
    // 2,400 steps/s, repeated ones among them 2,424: 8,496 messages/s.
    // 8,496 x 3 / 3,750 = 6.8, 8,496 / 2,500 = 3.4, 2,424 x 1.96 / 600 = 7.9; one more of each.
    expect([countOf(fleet, 'bookie'), countOf(fleet, 'broker'), countOf(fleet, 'connector')]).toEqual([8, 5, 9]);
  });

  it('has no fewer machines for more runs', () => {
    fc.assert(
      fc.property(anyRate, anyRate, anyShape, (one, other, shape) => {
        const [less, more] = BigInt(one) < BigInt(other) ? [one, other] : [other, one];
        const [small, large] = [planFleet('production', makeLoad(less, shape)), planFleet('production', makeLoad(more, shape))];
        for (const { role, count } of small.machines) expect(countOf(large, role)).toBeGreaterThanOrEqual(count);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('of one machine, or of three, says when the load is too much for it', () => {
    expect(planFleet('dev', makeLoad(perSecond(20))).holds).toBe(true);
    expect(planFleet('dev', makeLoad(perSecond(30))).holds).toBe(false);
    expect(planFleet('small', makeLoad(perSecond(80))).holds).toBe(true);
    expect(planFleet('small', makeLoad(perSecond(90))).holds).toBe(false);
  });
});

describe('the size that is chosen', () => {
  it('survives the loss of a machine', () => {
    expect(chooseSize(makeLoad(1))).toBe('small');
  });

  it('is the next one where the load or its peak is too much', () => {
    expect(chooseSize(makeLoad(perSecond(90)))).toBe('production');
    expect(chooseSize(makeLoad(perSecond(50), { peakFactor: makeLoad(5).runsPerMonth }))).toBe('production');
  });
});
