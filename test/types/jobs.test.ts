// Proves that jobs are inferred from their code, and that what does not fit them does not compile.
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { job, type AttemptContext, type Job, type Later } from 'starquake';

interface Trip {
  readonly to: string;
  readonly price: number;
}

const pay = job({ name: 'pay', run: async (trip: Trip, attempt) => ({ receipt: attempt.idempotencyKey, amount: trip.price }) });
const tick = job({ name: 'tick', run: () => undefined });
const approve = job({
  name: 'approve',
  run: async (amount: number, attempt) => (amount > 100 ? attempt.completeLater({ timeout: '3 days' }) : 'approved'),
});
declare const trips: StandardSchemaV1<unknown, Trip>;

describe('a job', () => {
  it('has the input and the output of its code', () => {
    expectTypeOf(pay).toEqualTypeOf<Job<Trip, { receipt: string; amount: number }>>();
    expect(pay.kind).toBe('job');
  });

  it('knows its attempt', () => {
    expectTypeOf<Parameters<typeof pay.run>[1]>().toEqualTypeOf<AttemptContext>();
    expectTypeOf<AttemptContext['signal']>().toEqualTypeOf<AbortSignal>();
    expect(tick.name).toBe('tick');
  });

  it('may answer later: the promise to do so is no output', () => {
    expectTypeOf(approve).toExtend<Job<number, string>>();
    expectTypeOf<ReturnType<AttemptContext['completeLater']>>().toEqualTypeOf<Later>();
    expect(approve.retry).toEqual({});
  });

  it('takes its input from its schema, and must agree with it', () => {
    const declare = () => {
      const checked = job({ name: 'checked', input: trips, run: async (trip) => trip.price });
      expectTypeOf(checked).toEqualTypeOf<Job<Trip, number>>();
      // @ts-expect-error -- the code takes a number, its schema gives trips
      job({ name: 'checked', input: trips, run: async (amount: number) => amount });
    };
    expect(declare).toBeTypeOf('function');
  });

  it('has durations that are spelt right, and policies that exist', () => {
    const declare = () => {
      job({
        name: 'a',
        timeout: '30s',
        totalTimeout: '2 hours',
        retry: { firstDelay: 500, maxDelay: '1m', exhausted: 'hold' },
        run: () => 0,
      });
      // @ts-expect-error -- a unit that there is not
      job({ name: 'a', timeout: '30 secs', run: () => 0 });
      // @ts-expect-error -- an end that there is not
      job({ name: 'a', retry: { exhausted: 'ignore' }, run: () => 0 });
      // @ts-expect-error -- a policy that there is not
      job({ name: 'a', retry: { attempts: 3 }, run: () => 0 });
      // @ts-expect-error -- a job without code
      job({ name: 'a' });
      job({ name: 'a', retry: (error, attempt) => (error.code === 'BUSY' && attempt < 3 ? '5s' : 'stop'), run: () => 0 });
      // @ts-expect-error -- neither a delay nor the end
      job({ name: 'a', retry: () => 'later', run: () => 0 });
    };
    expect(declare).toBeTypeOf('function');
  });
});
