// The load of a fault test: bookings that go from job to job, and errands that wait for timers and signals.
import { writeInbox, type InboxDraft, type Letter } from '../../../src/engine/outbox/derivation.ts';
import type { ProcessStage } from '../../support/connector-process/process-stage.ts';

/** How much of it there is. */
export interface LoadSize {
  /** Bookings in flight: one that has ended makes room for another until the fault is over. */
  readonly bookings: number;
  readonly errands: number;
  /** Milliseconds that each errand sleeps, one after another. */
  readonly naps: readonly number[];
}

/** Runs that are on their way. */
export interface Load extends LoadSize {
  /** All that were ever started. */
  readonly bookingRuns: readonly string[];
  readonly errandRuns: readonly string[];
  /** When bookings ended, in milliseconds since the epoch. */
  readonly bookingEnds: readonly number[];
  /** Starts no more bookings. */
  stopRefilling(): Promise<void>;
  /** Sends every errand its next word. */
  sendWord(): Promise<void>;
  /** Resolves once so many bookings have ended. @throws Error when that does not come about */
  waitForBookings(count: number): Promise<void>;
  /** Resolves once everything has ended. @throws Error, naming what has not */
  waitForAll(): Promise<void>;
}

/** Every errand hears these, in this order. */
export const WORDS = ['before', 'during', 'after'];

export const BOOKING_APP = 'workflows/booking-sequential/app.ts';
export const ERRAND_APP = 'test/support/connector-process/app/app.ts';

const GIVE_UP_MS = 120_000;
const LOOK_MS = 20;
const NAMED = 10;
const LONG_MS = 3600_000;
const REFILL_MS = 100;
/** The load ends with these, however long the fault lasts. */
const MOST_BOOKINGS = 1500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const writeStart = (run: string, app: string, workflow: string, input: unknown): Letter => {
  const start: InboxDraft = { type: 'StartRun', run, app, workflow, input: { json: input }, inputHash: '', tags: {}, requestId: run };
  return writeInbox(start);
};

/** Runs of which the test waits for the end. */
class OpenRuns {
  readonly #stage: ProcessStage;
  readonly #open = new Set<string>();

  constructor(stage: ProcessStage) {
    this.#stage = stage;
  }

  get size(): number {
    return this.#open.size;
  }

  add(run: string, onEnd: () => void): void {
    this.#open.add(run);
    void this.#stage.projection.awaitRun(run, { timeoutMs: LONG_MS }).then(() => {
      this.#open.delete(run);
      onEnd();
    });
  }

  describe(): string {
    const named = [...this.#open].slice(0, NAMED).map((run) => {
      const row = this.#stage.projection.find(run);
      return row === undefined ? `${run} unknown` : `${run} ${row.status}, version ${row.version}`;
    });
    return `${this.#open.size} have not: ${named.join('; ')}`;
  }
}

const until = async (isReached: () => boolean, what: () => string): Promise<void> => {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!isReached()) {
    if (performance.now() > deadline) throw new Error(`It did not come about: ${what()}.`);
    await pause(LOOK_MS);
  }
};

/** Keeps so many bookings in flight. */
const startBookings = (stage: ProcessStage, open: OpenRuns, inFlight: number) => {
  const runs: string[] = [];
  const ends: number[] = [];
  let isOver = false;
  const fill = async (): Promise<void> => {
    const missing = Math.min(inFlight - (runs.length - ends.length), MOST_BOOKINGS - runs.length);
    const started = Array.from({ length: missing }, (_, index) => `booking-${runs.length + index}`);
    runs.push(...started);
    for (const run of started) open.add(run, () => void ends.push(Date.now()));
    await stage.publish(started.map((run) => writeStart(run, 'booking-sequential', 'book-sequentially', { order: run })));
  };
  const keepFull = async (): Promise<void> => {
    while (!isOver) {
      await fill();
      await pause(REFILL_MS);
    }
  };
  const filling = keepFull();
  const stop = async (): Promise<void> => {
    isOver = true;
    await filling;
  };
  return { runs, ends, stop };
};

/** Starts it. */
export const startLoad = async (stage: ProcessStage, size: LoadSize): Promise<Load> => {
  const { bookings, errands, naps } = size;
  const errandRuns = Array.from({ length: errands }, (_, index) => `errand-${index}`);
  const open = new OpenRuns(stage);
  for (const run of errandRuns) open.add(run, () => undefined);
  await stage.publish(errandRuns.map((run) => writeStart(run, 'errands', 'errand', { naps, words: WORDS.length })));
  const { runs: bookingRuns, ends: bookingEnds, stop: stopRefilling } = startBookings(stage, open, bookings);
  let words = 0;
  return {
    ...size,
    bookingRuns,
    errandRuns,
    bookingEnds,
    stopRefilling,
    sendWord: async () => {
      const index = words++;
      const value = { json: WORDS[index] };
      await stage.publish(
        errandRuns.map((run) => writeInbox({ type: 'Signal', run, signal: 'word', value, requestId: `${run}/word/${index}` })),
      );
    },
    waitForBookings: (count) =>
      until(
        () => bookingEnds.length >= count,
        () => `${count} bookings have ended (${bookingEnds.length} have)`,
      ),
    waitForAll: () =>
      until(
        () => open.size === 0,
        () => `all runs have ended (${open.describe()})`,
      ),
  };
};
