// Reads a run's commits back from `history`, where they stay when the store has let go of them.
import type { Bus } from '../ports/bus.ts';
import type { Commit } from '../protocol/commit.ts';
import type { Payload } from '../protocol/payload.ts';
import { topics } from '../protocol/topics.ts';
import { parseHistoryMessage } from './history-message.ts';
import type { RunRow } from './run-row.ts';

const CALL = { timeoutMs: 30_000 };
const BATCH = 200;

/**
 * The commits of a run, in order of version.
 *
 * @param bus - the bus that the row was made from
 * @param row - says where the commits are
 */
export const readHistory = async (bus: Bus, row: RunRow): Promise<readonly Commit[]> => {
  const commits: Commit[] = [];
  const positions = [...row.positions];
  while (commits.length < positions.length) {
    const from = positions[commits.length] ?? 0;
    // Commits of one run lie close together while it is busy: one read often brings several.
    const messages = await bus.readStream(
      topics.history.name,
      row.partition,
      from,
      Math.min(BATCH, positions.length - commits.length),
      CALL,
    );
    for (const message of messages) {
      if (message.position !== positions[commits.length]) continue;
      const parsed = parseHistoryMessage(message.body);
      if (parsed.type === 'starquake.commit') commits.push(parsed.data);
    }
    if (messages[0]?.position !== from) break;
  }
  return commits;
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
