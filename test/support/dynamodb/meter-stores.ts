// Counts what a connector's calls to the stores use, by operation.
import type { CallOptions, Consumption } from '../../../src/ports/clock.ts';
import type { RunStore } from '../../../src/ports/run-store.ts';
import type { TimerStore } from '../../../src/ports/timer-store.ts';

/** What one operation has used so far. */
export interface Used {
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** A meter. */
export interface StoreMeter {
  readonly used: ReadonlyMap<string, Used>;
  readonly onConsumed: (consumption: Consumption) => void;
  /** Back to zero. */
  reset(): void;
  meterRuns(runs: RunStore): RunStore;
  meterTimers(timers: TimerStore): TimerStore;
}

const NOTHING: Used = { requests: 0, readUnits: 0, writeUnits: 0 };

/** Makes a meter at zero. */
export const createStoreMeter = (): StoreMeter => {
  const used = new Map<string, Used>();
  const onConsumed = ({ operation, readUnits, writeUnits }: Consumption): void => {
    const sum = used.get(operation) ?? NOTHING;
    used.set(operation, {
      requests: sum.requests + 1,
      readUnits: sum.readUnits + readUnits,
      writeUnits: sum.writeUnits + writeUnits,
    });
  };
  const meter = (options: CallOptions): CallOptions => ({ ...options, onConsumed });
  return {
    used,
    onConsumed,
    reset: () => used.clear(),
    meterRuns: (runs) => ({
      load: (run, options) => runs.load(run, meter(options)),
      append: (commit, text, options) => runs.append(commit, text, meter(options)),
      readSummary: (run, options) => runs.readSummary(run, meter(options)),
      claim: (request, options) => runs.claim(request, meter(options)),
      readClaim: (key, options) => runs.readClaim(key, meter(options)),
      finishClaim: (request, options) => runs.finishClaim(request, meter(options)),
      prune: (run, below, now, options) => runs.prune(run, below, now, meter(options)),
    }),
    meterTimers: (timers) => ({
      put: (dues, options) => timers.put(dues, meter(options)),
      readDue: (upTo, limit, options) => timers.readDue(upTo, limit, meter(options)),
      remove: (dues, options) => timers.remove(dues, meter(options)),
    }),
  };
};
