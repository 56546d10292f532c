// Puts closed runs away: the whole history into the payload store, then RunArchived as the tombstone, a day later the old versions go (rules 2, 19).
import type { Commit } from '../../protocol/commit.ts';
import { RUN_OUTCOMES, type EventOf, type RunOutcome } from '../../protocol/events.ts';
import type { RunState } from '../../engine/run/run-state.ts';
import type { ConnectorContext } from '../context/context.ts';

const readOutcome = (state: RunState): RunOutcome => RUN_OUTCOMES.find((outcome) => outcome === state.phase) ?? 'completed';

/**
 * Writes a run's archive.
 *
 * @param commits - the whole run
 * @returns the event that makes the next commit the tombstone
 */
export const archiveRun = async (
  { ports, calls, settings }: ConnectorContext,
  state: RunState,
  commits: readonly Commit[],
): Promise<Omit<EventOf<'RunArchived'>, 'number' | 'at'>> => {
  const archive = encodeURIComponent(state.run);
  const { callTimeoutMs } = settings;
  const text = JSON.stringify({ run: state.run, commits });
  const options = { timeoutMs: callTimeoutMs, run: state.run };
  await calls.within('writing an archive', callTimeoutMs, () => ports.payloads.putArchive(archive, text, options));
  return { type: 'RunArchived', outcome: readOutcome(state), archive, closedAt: state.lastAt };
};

/** Lets go of the versions below the tombstone. */
export const pruneRun = async ({ ports, calls, settings }: ConnectorContext, state: RunState): Promise<void> => {
  const { callTimeoutMs } = settings;
  await calls.within('pruning a run', callTimeoutMs, () =>
    ports.runs.prune(state.run, state.version, ports.clock.now(), { timeoutMs: callTimeoutMs }),
  );
};
