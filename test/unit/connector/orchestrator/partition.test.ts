// Proves that a partition is acked up to its lowest open message, whatever is finished in which order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Partition } from '../../../../src/connector/orchestrator/partition.ts';

const make = (positions: readonly number[]): Partition => {
  const partition = new Partition(3, 0);
  for (const position of positions) partition.add(position, 0);
  return partition;
};

describe('what may be acked of a partition', () => {
  it('is nothing while its first message is open', () => {
    const partition = make([10, 11, 12]);
    partition.finish(12, 0);
    partition.finish(11, 0);
    expect(partition.takeAckable()).toBeUndefined();
    partition.finish(10, 0);
    expect(partition.takeAckable()).toBe(12);
  });

  it('is told once', () => {
    const partition = make([10, 11]);
    partition.finish(10, 0);
    expect([partition.takeAckable(), partition.takeAckable()]).toEqual([10, undefined]);
  });

  it('is nothing once the partition is lost', () => {
    const partition = make([10]);
    partition.finish(10, 0);
    partition.lost = true;
    expect(partition.takeAckable()).toBeUndefined();
  });

  it('never passes an open message, in any order of finishing', () => {
    const orders = fc
      .integer({ min: 1, max: 3000 })
      .chain((count) => fc.shuffledSubarray(Array.from({ length: count }, (_, index) => index)));
    fc.assert(
      fc.property(orders, (order) => {
        const count = order.length === 0 ? 1 : Math.max(...order) + 1;
        const partition = make(Array.from({ length: count }, (_, index) => index));
        const open = new Set(Array.from({ length: count }, (_, index) => index));
        let acked = -1;
        for (const position of order) {
          partition.finish(position, 0);
          open.delete(position);
          acked = partition.takeAckable() ?? acked;
        }
        const lowest = Math.min(...open, count);
        expect([acked, partition.openCount]).toEqual([lowest - 1, open.size]);
      }),
      { numRuns: 30 },
    );
  });

  it('finishing what is not open, or twice, changes nothing', () => {
    const partition = make([1, 2]);
    partition.finish(7, 0);
    partition.finish(2, 0);
    partition.finish(2, 0);
    expect([partition.openCount, partition.takeAckable()]).toEqual([1, undefined]);
  });
});

describe('the last step of a partition', () => {
  it('is when its lowest open message changed', () => {
    const partition = make([1, 2]);
    partition.finish(2, 50);
    expect(partition.lastStepAt).toBe(0);
    partition.finish(1, 70);
    expect(partition.lastStepAt).toBe(70);
  });

  it('is also when a message comes while none is open: waiting for work is not being stuck', () => {
    const partition = make([1]);
    partition.finish(1, 10);
    partition.add(2, 9000);
    partition.add(3, 9500);
    expect(partition.lastStepAt).toBe(9000);
  });
});
