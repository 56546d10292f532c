// Proves the bill of a platform: worked out by hand once, the sum of its parts, and never less for more.
import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumParts } from '../../../src/cost/cost-part.ts';
import { countInvocations } from '../../../src/cost/price-functions.ts';
import { chooseSize, pricePlatform } from '../../../src/cost/price-platform.ts';
import { countWritesPerRun } from '../../../src/cost/price-stores.ts';
import { sizeNames } from '../../../src/cost/size-shapes.ts';
import { anyRate, anyShape, makeLoad, perSecond } from './workloads.ts';

describe('a million runs of four jobs on `small`', () => {
  const { parts, usd } = pricePlatform('small', makeLoad(1_000_000, { retryShare: new Big(0) }));
  const find = (what: string): string | undefined => parts.find((part) => part.what === what)?.usd.toFixed(6);

  it.each([
    // 3 machines x 730 h x 0.0672
    ['Machines that do everything: 3 t4g.large', '147.168000'],
    // 3 x 90 GiB x 0.08
    ['Disks (EBS gp3)', '21.600000'],
    // 11 zone-hours x 730 x 0.01
    ['Endpoints of AWS services', '80.300000'],
    // 5 M x 0.0000002
    ['Decisions: requests', '1.000000'],
    // 5 M x 8.6 ms x 0.25 GB x 0.0000133334
    ['Decisions: time', '0.143334'],
    // 4 M x 8,746 bytes x 0.01
    ['Through the endpoints', '0.349840'],
    ['Jobs: requests', '0.800000'],
    // 4 M x 50 ms x 0.25 GB x 0.0000133334
    ['Jobs: time', '0.666670'],
    // 1 M x 17 x 0.000000625
    ['DynamoDB: writes', '10.625000'],
    ['DynamoDB: reads', '0.907000'],
    // 9 M x 500 bytes x 0.50
    ["Logs: Lambda's own lines", '2.250000'],
  ])('has %s for %s dollars', (what, price) => {
    expect(find(what)).toBe(price);
  });

  it('comes to 297.76 dollars', () => {
    expect(usd.toFixed(2)).toBe('297.76');
  });
});

describe('the bill', () => {
  it('of `small` is about 250 dollars for machines, disks and endpoints, before anything moves', () => {
    const { parts } = pricePlatform('small', makeLoad(0));
    const standing = parts.filter(({ price }) => price.startsWith('ec2.') || price === 'ebs.gp3' || price === 'endpoint.hour');
    expect(sumParts(standing).toFixed(2)).toBe('249.07');
  });

  it('is the sum of its parts, each its amount times its price', () => {
    fc.assert(
      fc.property(anyRate, anyShape, fc.constantFrom(...sizeNames), (rate, shape, size) => {
        const { parts, usd } = pricePlatform(size, makeLoad(rate, shape));
        expect(sumParts(parts).eq(usd)).toBe(true);
        expect(parts.every((part) => part.usd.gte(0) && part.amount.gte(0))).toBe(true);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('is never less for more runs, whichever size they need', () => {
    fc.assert(
      fc.property(anyRate, anyRate, anyShape, (one, other, shape) => {
        const [less, more] = BigInt(one) < BigInt(other) ? [one, other] : [other, one];
        const price = (rate: string): Big => pricePlatform(chooseSize(makeLoad(rate, shape)), makeLoad(rate, shape)).usd;
        expect(price(more).gte(price(less))).toBe(true);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('grows with jobs, their time and memory, waits, repetition and retention', () => {
    const price = (change: Parameters<typeof makeLoad>[1]): Big => pricePlatform('production', makeLoad(perSecond(50), change)).usd;
    const changes = [
      { steps: 5 },
      { jobMs: new Big(60) },
      { jobMemoryMb: 512 },
      { timers: new Big(1) },
      { retryShare: new Big('0.1') },
      { retentionDays: 60 },
      { payloadBytes: 4000 },
    ];
    for (const change of changes) expect(price(change).gt(price({}))).toBe(true);
  });
});

describe('what a run writes', () => {
  it.each([
    [1, 11],
    [4, 17],
    [10, 29],
  ])('with %i jobs is %i units, as the store counts them', (steps, units) => {
    expect(countWritesPerRun(makeLoad(1, { steps, retryShare: new Big(0) })).toFixed()).toBe(String(units));
  });

  it('is a unit more for each commit and its removal where values are larger', () => {
    const load = makeLoad(1, { payloadBytes: 1200, retryShare: new Big(0) });
    // 2,900 bytes, compressed to 1,450: two units.
    expect(countWritesPerRun(load).toFixed()).toBe('27');
  });
});

describe('decisions', () => {
  it('are invoked one by one while there is time for it', () => {
    expect(countInvocations(makeLoad(1000), 1).decisions.toFixed()).toBe('5000');
  });

  it('share invocations when more come than can be under way', () => {
    // 2 in flight of 20 ms each: 100 a second.
    expect(countInvocations(makeLoad(perSecond(100)), 1).decisions.toFixed()).toBe(perSecond(100));
    expect(countInvocations(makeLoad(perSecond(100)), 3).decisions.toFixed()).toBe(perSecond(300));
  });
});
