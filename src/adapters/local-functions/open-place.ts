// A place for invocations: one worker at a time, and a fresh one as soon as that stands still, so that what does not end holds up nothing else.
import type { Invocation } from './invocation.ts';
import type { FunctionWorker } from './start-worker.ts';

/** So many workers that stand still are waited for at once; what comes then waits, too. */
const MOST_STILL = 4;

/** A place for invocations. */
export interface Place {
  /** How many invocations its worker has open. */
  load(): number;
  invoke(invocation: Invocation): void;
  /** Ends its workers. */
  end(why: string): Promise<void>;
}

/**
 * Opens a place.
 *
 * @param start - starts a worker, which says when it stands still
 * @param repeats - what it runs is pure: what waits behind a call that does not end is begun again elsewhere
 */
export const openPlace = (start: (onStill: () => void) => FunctionWorker, repeats: boolean): Place => {
  const still = new Set<FunctionWorker>();

  const replace = (worker: FunctionWorker): void => {
    for (const other of still) if (!other.alive()) still.delete(other);
    if (worker !== current || still.size >= MOST_STILL) return;
    still.add(worker);
    current = open();
    if (repeats) for (const invocation of worker.handOver()) current.invoke(invocation);
    worker.retire();
  };
  const open = (): FunctionWorker => {
    const worker = start(() => replace(worker));
    return worker;
  };

  let current = open();
  return {
    load: () => current.load(),
    invoke: (invocation) => {
      if (!current.alive()) current = open();
      current.invoke(invocation);
    },
    end: async (why) => void (await Promise.all([current, ...still].map((worker) => worker.end(why)))),
  };
};
