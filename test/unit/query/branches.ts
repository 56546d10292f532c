// Makes histories of runs whose table went back in time, again and again, and says what stands of them.
import fc from 'fast-check';
import type { Commit } from '../../../src/protocol/commit.ts';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { makeCommits, scheduled, started, TICK_MS, type Step } from './commits.ts';

/** A restore: the versions above `kept` are lost, and the new branch gets `added` more. */
export interface Restore {
  readonly kept: number;
  readonly added: number;
}

/** All that was ever committed, and what stands of it. */
export interface Branches {
  readonly all: readonly Commit[];
  readonly standing: readonly Commit[];
}

/** What a version of an epoch says: different in each, so that a trace of a lost one is seen. */
const writeStep = (version: number, epoch: number): Step => {
  const requestId = `request-${epoch}-${version}`;
  const events: NewEvent[] = [
    { type: 'StatusSet', command: version, cause: 1, status: `${epoch}/${version}` },
    { type: 'TagsSet', command: version, cause: 1, tags: { [`tag-${epoch}-${version}`]: 'set' } },
    version % 3 === 0
      ? { type: 'TimerStarted', command: version, cause: 1, name: `timer-${epoch}`, dueAt: 9_000 }
      : scheduled(`job-${epoch}`),
    version % 4 === 0 ? { type: 'RequestRefused', requestId, code: 'NOT_DUE', message: requestId } : { type: 'RunPaused', requestId },
  ];
  return { messages: [`request/${requestId}`], events, status: version % 2 === 0 ? 'running' : 'paused' };
};

const writeBranch = (run: string, epoch: number, length: number, at: number): Commit[] =>
  makeCommits(
    run,
    Array.from({ length }, (_, index) => {
      const step = writeStep(index + 1, epoch);
      return index === 0 ? { ...step, events: [started({ requestId: `start-${epoch}` }), ...step.events] } : step;
    }),
    at,
  ).map((commit) => ({ ...commit, epoch, id: `${commit.id}-${epoch}` }));

/** Commits of a run through restores. */
export const makeBranches = (run: string, length: number, restores: readonly Restore[]): Branches => {
  let standing = writeBranch(run, 0, length, TICK_MS);
  const all = [...standing];
  for (const [index, { kept, added }] of restores.entries()) {
    const epoch = index + 1;
    const from = Math.min(kept, standing.length);
    const branch = writeBranch(run, epoch, from + added, epoch * 1_000_000).slice(from);
    // Where the new branch is empty, nobody can know that anything was lost.
    if (branch.length > 0) standing = [...standing.slice(0, from), ...branch];
    all.push(...branch);
  }
  return { all, standing };
};

/** Any history with up to three restores. */
export const anyBranches = (run: string): fc.Arbitrary<Branches> =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.record({ kept: fc.integer({ min: 0, max: 9 }), added: fc.integer({ min: 0, max: 5 }) }), { maxLength: 3 }),
    )
    .map(([length, restores]) => makeBranches(run, length, restores));
