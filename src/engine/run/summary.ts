// What each commit says of its run in short, for reads that must be small (rule 12).
import type { RunSummary } from '../../protocol/commit.ts';
import { readStatus, type RunState } from './run-state.ts';

const packBits = (numbers: readonly number[], base: number): string => {
  if (numbers.length === 0) return '';
  const nibbles = new Uint8Array((((numbers.at(-1) ?? base) - base) >> 2) + 1);
  for (const number of numbers) {
    const at = number - base;
    nibbles[at >> 2] = (nibbles[at >> 2] ?? 0) | (1 << (at & 3));
  }
  return Array.from(nibbles, (nibble) => nibble.toString(16)).join('');
};

/** Sums up a run at the version that is being committed. */
export const summarize = (state: RunState, version: number): RunSummary => {
  const open: number[] = [];
  const generations: Record<string, number> = {};
  for (const [number, job] of state.jobs) {
    if (job.status !== 'open') continue;
    open.push(number);
    if (job.generation > 1) generations[number] = job.generation;
  }
  const base = open[0] ?? 0;
  return {
    version,
    status: readStatus(state),
    openJobs: { base, bits: packBits(open, base) },
    generations,
    ...(state.canceledAt !== undefined && { canceledBefore: state.canceledBefore }),
    ...(state.epochs.length > 0 && { epochs: [...state.epochs] }),
  };
};

const findEpoch = ({ epochs = [] }: RunSummary, event: number): number => epochs.findLast(([from]) => from <= event)?.[1] ?? 0;

/**
 * Whether a job is open in this epoch and generation and its run takes results: whether an attempt of it is wanted (protocol.md). What was
 * asked for in a part of the history that a restore has lost is not, although there may be a job of the same number again.
 */
export const isWanted = (
  summary: RunSummary,
  { job, epoch, generation }: { readonly job: number; readonly epoch: number; readonly generation: number },
): boolean => {
  if (findEpoch(summary, job) !== epoch) return false;
  if (['completed', 'canceled', 'terminated', 'refused', 'archived'].includes(summary.status)) return false;
  const at = job - summary.openJobs.base;
  const nibble = at < 0 ? undefined : summary.openJobs.bits[at >> 2];
  if (nibble === undefined || (Number.parseInt(nibble, 16) & (1 << (at & 3))) === 0) return false;
  return (summary.generations[job] ?? 1) === generation;
};

/** Whether an attempt that has not begun is dropped, because its run was canceled after it was scheduled (rule 15). */
export const isCanceledBeforeAttempt = (summary: RunSummary, job: number): boolean =>
  summary.canceledBefore !== undefined && job < summary.canceledBefore;
