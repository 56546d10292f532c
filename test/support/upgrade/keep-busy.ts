// Starts runs without a pause until it is told to stop: the load under which a release is rolled out.
import type { InboxDraft } from '../../../src/engine/outbox/derivation.ts';

/** A load. */
export interface Load {
  /** All runs that were started. */
  readonly runs: readonly string[];
  /** Starts no more. @throws what publishing threw */
  stop(): Promise<void>;
}

const PAUSE_MS = 400;

/**
 * Starts a few runs at a time.
 *
 * @param send - publishes what is given
 * @param make - the next few, by the number of the batch
 */
export const keepBusy = (send: (drafts: readonly InboxDraft[]) => Promise<void>, make: (batch: number) => readonly InboxDraft[]): Load => {
  const runs: string[] = [];
  let stopped = false;
  const work = async (): Promise<void> => {
    for (let batch = 0; !stopped; batch++) {
      const drafts = make(batch);
      await send(drafts);
      runs.push(...drafts.map(({ run }) => run));
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
