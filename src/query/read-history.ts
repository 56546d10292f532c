// Reads a run's commits back from `history`, where they stay when the store has let go of them.
import type { Bus } from '../ports/bus.ts';
import type { Commit } from '../protocol/commit.ts';
import type { Payload } from '../protocol/payload.ts';
import { ERASED_BODY } from '../protocol/sealed.ts';
import { topics } from '../protocol/topics.ts';
import { parseHistoryMessage } from './history-message.ts';
import type { RunRow } from './run-row.ts';

const CALL = { timeoutMs: 30_000 };
const BATCH = 200;

/**
 * Commits by their positions on a partition; what is not there any more, or of an erased tenant, is left out.
 *
 * @throws STORE_FAILED, CALL_TIMED_OUT
 */
export const readCommits = async (bus: Bus, partition: number, positions: readonly number[]): Promise<ReadonlyMap<number, Commit>> => {
  const commits = new Map<number, Commit>();
  const wanted = new Set(positions);
  for (let rest = positions.toSorted((a, b) => a - b), from = rest[0]; from !== undefined; from = rest[0]) {
    // Commits of one run lie close together while it is busy: one read often brings several.
    const messages = await bus.readStream(topics.history.name, partition, from, Math.min(BATCH, rest.length), CALL);
    for (const { position, body } of messages) {
      if (!wanted.has(position) || body === ERASED_BODY) continue;
      const parsed = parseHistoryMessage(body);
      if (parsed.type === 'starquake.commit') commits.set(position, parsed.data);
    }
    const last = messages.at(-1)?.position ?? from;
    rest = rest.filter((position) => position > last);
  }
  return commits;
};

/** What there is at these positions, up to the first where there is nothing. */
export const selectFound = (commits: ReadonlyMap<number, Commit>, positions: readonly number[]): readonly Commit[] => {
  const found: Commit[] = [];
  for (const position of positions) {
    const commit = commits.get(position);
    if (commit === undefined) break;
    found.push(commit);
  }
  return found;
};

/**
 * The commits of a run, in order of version.
 *
 * @param bus - the bus that the row was made from
 * @param row - says where the commits are
 */
export const readHistory = async (bus: Bus, { partition, positions }: RunRow): Promise<readonly Commit[]> => {
  // The row may grow meanwhile.
  const known = [...positions];
  return selectFound(await readCommits(bus, partition, known), known);
};

/** The input of the run: of its start, or of its last beginning anew. */
export const readInput = async (bus: Bus, row: RunRow): Promise<Payload | undefined> => {
  const position = row.positions[row.inputVersion - 1];
  if (position === undefined) return undefined;
  const [message] = await bus.readStream(topics.history.name, row.partition, position, 1, CALL);
  if (message === undefined) return undefined;
  const parsed = parseHistoryMessage(message.body);
  if (parsed.type !== 'starquake.commit') return undefined;
  const beginning = parsed.data.events.findLast((event) => event.type === 'RunStarted' || event.type === 'RunContinued');
  return beginning?.input;
};
