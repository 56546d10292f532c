// When a run that waits for jobs or children only is looked at again, should all else fail (rule 17).
import { isWatchOver } from '../evolve/evolve.ts';
import type { RunState } from '../run/run-state.ts';

/** Added to the expected end of what a run waits for. */
const WATCH_MARGIN_MS = 10 * 60_000;
/** What a child is expected to take, as nothing is known of it. */
const CHILD_MS = 3600_000;

/**
 * Due time of the watch entry that this commit puts, if it puts one: when it leaves the run waiting for jobs or children only, and no entry is out.
 *
 * @param messages - ids that the commit records
 * @param now - milliseconds since the epoch
 */
export const planWatch = (state: RunState, messages: readonly string[], now: number): number | undefined => {
  if (state.phase !== 'open' || state.blocked || state.timers.size > 0) return undefined;
  if (state.watchVersion !== 0 && !isWatchOver(state, messages)) return undefined;
  let longestMs = -1;
  for (const job of state.jobs.values()) if (job.status === 'open') longestMs = Math.max(longestMs, job.event.timeoutMs);
  for (const child of state.children.values()) if (child.status === 'open') longestMs = Math.max(longestMs, CHILD_MS);
  return longestMs < 0 ? undefined : now + longestMs + WATCH_MARGIN_MS;
};
