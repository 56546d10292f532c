// Notices a partition that makes no step though everything it needs answers, so that its owner ends and another takes over (rule 21).
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Calls } from './context/calls.ts';
import type { WaitingPartition } from './orchestrator/partition.ts';

/** A partition whose oldest message has waited this long is stuck. */
const STUCK_MS = 5 * 60_000;
const LOOK_MS = 15_000;

/** What is watched. */
export interface Watched {
  readonly clock: Clock;
  readonly calls: Calls;
  readonly listWaitingPartitions: () => Iterable<WaitingPartition>;
  /** Is told once; the process is to end. */
  readonly onStuck: (error: StarquakeError) => void;
}

/** Watches until it is stopped. @returns how to stop */
export const watchPartitions = ({ clock, calls, listWaitingPartitions, onStuck }: Watched): (() => void) => {
  let cancel = (): void => undefined;
  const look = (): void => {
    const before = clock.now() - STUCK_MS;
    for (const { partition, lastStepAt, lastTroubleAt, isBurying } of listWaitingPartitions()) {
      // Only what this partition waits for excuses it: there is always somebody else's call that fails.
      if (lastStepAt > before || lastTroubleAt > before || (isBurying && calls.lastFailureAt > before)) continue;
      onStuck(
        new StarquakeError(
          'STUCK',
          `Partition ${partition} of inbox has made no step for ${STUCK_MS / 60_000} minutes, though all that it needs answers.`,
        ),
      );
      return;
    }
    cancel = clock.setTimer(clock.now() + LOOK_MS, look);
  };
  cancel = clock.setTimer(clock.now() + LOOK_MS, look);
  return () => cancel();
};
