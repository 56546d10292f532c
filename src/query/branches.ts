// Which commits of a run stand when its table went back in time: those of a higher epoch replace what an older one had from their version on.
import type { Commit } from '../protocol/commit.ts';

/** Versions of one epoch in a run, up to where the next span begins. */
export interface EpochSpan {
  readonly epoch: number;
  /** First version. */
  readonly from: number;
  /** When that was committed, in milliseconds since the epoch. */
  readonly at: number;
}

type Place = Pick<Commit, 'epoch' | 'version'>;

/** The epoch in which a version was committed; undefined where there is none. */
export const findEpoch = (spans: readonly EpochSpan[], version: number): number | undefined =>
  spans.findLast(({ from }) => from <= version)?.epoch;

/** Whether a commit belongs to a branch that was lost: a higher epoch has begun at its version or before. */
export const isLost = (spans: readonly Pick<EpochSpan, 'epoch' | 'from'>[], { epoch, version }: Place): boolean =>
  spans.some((span) => span.epoch > epoch && span.from <= version);

/** What stands of all these commits of one run, each once, in order of version. */
export const selectStanding = <T extends { readonly commit: Commit }>(all: readonly T[]): readonly T[] => {
  const firsts = new Map<number, number>();
  for (const { commit } of all) firsts.set(commit.epoch, Math.min(firsts.get(commit.epoch) ?? commit.version, commit.version));
  const spans = [...firsts].map(([epoch, from]) => ({ epoch, from }));
  const standing = new Map<number, T>();
  for (const one of all) if (!isLost(spans, one.commit) && !standing.has(one.commit.version)) standing.set(one.commit.version, one);
  return [...standing.values()].toSorted((a, b) => a.commit.version - b.commit.version);
};
