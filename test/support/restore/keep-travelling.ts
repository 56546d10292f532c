// Starts journeys one after another, each with the word that it will wait for, until it is told to stop.
import type { InboxDraft } from '../../../src/engine/outbox/derivation.ts';

/** Journeys that are being started. */
export interface Travelling {
  /** All that were started, and acked by the bus. */
  readonly runs: readonly string[];
  /** Resolves when so many were started. */
  reach(count: number): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_MS = 100;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @param name - runs are named after it */
export const keepTravelling = (
  send: (drafts: readonly InboxDraft[]) => Promise<void>,
  { name, service, everyMs }: { readonly name: string; readonly service: string; readonly everyMs: number },
): Travelling => {
  const runs: string[] = [];
  let isOver = false;
  const start = async (run: string): Promise<void> => {
    const load = { app: 'journeys', workflow: 'journey', input: { json: { service } }, inputHash: run, tags: {} };
    await send([
      { type: 'StartRun', run, ...load, requestId: run },
      { type: 'Signal', run, signal: 'word', value: { json: `to ${run}` }, requestId: `${run}/word` },
    ]);
    runs.push(run);
  };
  const going = (async (): Promise<void> => {
    for (let count = 1; !isOver; count++) {
      await start(`${name}-${count}`);
      await pause(everyMs);
    }
  })();
  return {
    runs,
    reach: async (count) => {
      while (runs.length < count && !isOver) await Promise.race([going, pause(LOOK_MS)]);
    },
    stop: async () => {
      isOver = true;
      await going;
    },
  };
};
