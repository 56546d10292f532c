// The runs that are to survive: what they are, how they are begun, and how they ended.
import type { HistoryEvent, RunView } from '../../src/client/index.ts';
import type { KillEngine } from './kill-engine.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A run that is begun, and the signals that it is sent. */
export interface PlannedRun {
  readonly runId: string;
  readonly workflow: string;
  readonly input: unknown;
  readonly words: readonly string[];
}

/** A run as it ended. */
export type EndedRun = RunView & { readonly history: readonly HistoryEvent[] };

const plan = (workflow: string, count: number, give: (index: number) => { readonly input: unknown; readonly words?: readonly string[] }) =>
  Array.from({ length: count }, (_, index): PlannedRun => ({ runId: `${workflow}-${index}`, workflow, words: [], ...give(index) }));

/** 200 runs, most of them `booking-sequential`, in an order of their own. */
export const planRuns = (random: SeededRandom): readonly PlannedRun[] => {
  const runs = [
    ...plan('book-sequentially', 160, (index) => ({ input: { order: `order-${index}` } })),
    ...plan('retrying', 10, (index) => ({ input: 1 + (index % 3) })),
    ...plan('sleeping', 10, () => ({ input: 50 + random.integer(300) })),
    ...plan('listening', 10, (index) => {
      const words = Array.from({ length: 1 + (index % 5) }, (_, at) => `word-${at}`);
      return { input: words.length, words };
    }),
    ...plan('saga', 10, (index) => ({ input: `order-${index}` })),
  ];
  const weights = new Map(runs.map((run) => [run, random.integer(1e9)]));
  return runs.toSorted((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
};

/** Starts a run and sends its signals one after another, each again until it was answered. */
const begin = async (engine: KillEngine, { runId, workflow, input, words }: PlannedRun): Promise<void> => {
  await engine.ask((client) => client.start({ app: 'kill', name: workflow }, input, { runId }));
  for (const word of words) await engine.ask((client) => client.signal(runId, 'word', word, { requestId: `${runId}/${word}` }));
};

const AT_ONCE = 8;

/** Begins all runs, a few at a time, waits for their ends, and reads their histories. */
export const completeAll = async (engine: KillEngine, runs: readonly PlannedRun[]): Promise<readonly EndedRun[]> => {
  const left = runs.values();
  const beginRest = async (): Promise<void> => {
    for (const run of left) await begin(engine, run);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, beginRest));
  return Promise.all(
    runs.map(async ({ runId }) => {
      await engine.ask((client) => client.await(runId));
      const { history = [], ...view } = await engine.ask((client) => client.show(runId, { history: true }));
      return { ...view, history };
    }),
  );
};

/** What a run came to, without what differs from one engine to another. */
export const readResult = ({ runId, status, output, failure }: RunView): unknown => ({
  runId,
  status,
  output,
  failure: failure && { code: failure.code, message: failure.message },
});
