// Starts runs all the time, as long as not too many are open, until it is told to stop: the load under which a release is rolled out.
import type { InboxDraft } from '../../../src/engine/outbox/derivation.ts';

/** A load. */
export interface Load {
  /** All runs that were started. */
  readonly runs: readonly string[];
  /** Starts no more. @throws what publishing threw */
  stop(): Promise<void>;
}

const PAUSE_MS = 400;
/** A slow machine is not buried under what it cannot finish. */
const MOST_OPEN = 120;

/**
 * Starts a few runs at a time.
 *
 * @param send - publishes what is given
 * @param make - the next few, by the number of the batch
 * @param countEnded - how many of these runs are known to have ended
 */
export const keepBusy = (
  send: (drafts: readonly InboxDraft[]) => Promise<void>,
  make: (batch: number) => readonly InboxDraft[],
  countEnded: (runs: readonly string[]) => number,
): Load => {
  const runs: string[] = [];
  let stopped = false;
  const work = async (): Promise<void> => {
    for (let batch = 0; !stopped;) {
      if (runs.length - countEnded(runs) < MOST_OPEN) {
        const drafts = make(batch++);
        await send(drafts);
        runs.push(...drafts.map(({ run }) => run));
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const working = work();
  // Told where it is stopped, and no sooner.
  working.catch(() => undefined);
  return {
    runs,
    stop: () => {
      stopped = true;
      return working;
    },
  };
};
