// Loads for tests of the cost model.
import Big from 'big.js';
import fc from 'fast-check';
import { defaultWorkload, MONTH, type Workload } from '../../../src/cost/workload.ts';

/** A load of so many runs a month. */
export const makeLoad = (runsPerMonth: number | string, change: Partial<Workload> = {}): Workload => ({
  ...defaultWorkload,
  runsPerMonth: new Big(runsPerMonth),
  ...change,
});

/** Runs a month, for so many a second. */
export const perSecond = (runs: number): string => new Big(runs).times(MONTH.seconds).toFixed();

/** Any load, its rate aside. */
export const anyShape: fc.Arbitrary<Partial<Workload>> = fc.record({
  peakFactor: fc.integer({ min: 10, max: 100 }).map((tenths) => new Big(tenths).times('0.1')),
  steps: fc.integer({ min: 1, max: 50 }),
  timers: fc.nat(5).map((timers) => new Big(timers)),
  retryShare: fc.nat(100).map((percent) => new Big(percent).times('0.01')),
  payloadBytes: fc.oneof(fc.nat(2000), fc.nat(200_000)),
  jobMs: fc.nat(10_000).map((ms) => new Big(ms)),
  jobMemoryMb: fc.constantFrom(128, 256, 1024, 10_240),
  retentionDays: fc.integer({ min: 1, max: 400 }),
  functionLogs: fc.boolean(),
});

/** Runs a month, from none to about 4,000 a second. */
export const anyRate: fc.Arbitrary<string> = fc.nat(10_000_000_000).map(String);
