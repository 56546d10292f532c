// The index of commits agrees with a plain map, whatever is added, moved and removed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommitIndex, type IndexedCommit } from '../../../../../src/adapters/embedded/runs/commit-index.ts';

const step = fc.record({
  kind: fc.constantFrom('add', 'move', 'remove'),
  run: fc.constantFrom('a', 'b', 'c'),
  version: fc.integer({ min: 1, max: 30 }),
  place: fc.nat(),
});

describe('a commit index', () => {
  it('is what a map by run and version would be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const index = new CommitIndex();
        const model = new Map<string, Map<number, IndexedCommit>>();
        for (const { kind, run, version, place } of steps) {
          const commits = model.get(run) ?? new Map<number, IndexedCommit>();
          model.set(run, commits);
          const standing = commits.get(version);
          const commit = { version, at: place, archived: place % 2 === 0, placed: { place, length: 7 } };
          if (kind === 'add' && standing === undefined) {
            index.add(run, commit);
            commits.set(version, commit);
          } else if (kind === 'move' && standing !== undefined) {
            index.move(run, version, commit.placed);
            commits.set(version, { ...standing, placed: commit.placed });
          } else if (kind === 'remove') {
            index.remove(run, version);
            commits.delete(version);
          }
        }
        for (const [run, commits] of model) {
          const sorted = [...commits.values()].toSorted((a, b) => a.version - b.version);
          expect(index.list(run)).toEqual(sorted);
          expect(index.findNewest(run)).toEqual(sorted.at(-1));
          for (let version = 1; version <= 30; version++) expect(index.find(run, version)).toEqual(commits.get(version));
        }
        expect(index.runs).toBe([...model.values()].filter((commits) => commits.size > 0).length);
      }),
    );
  });

  it('grows beyond its first capacity', () => {
    const index = new CommitIndex();
    for (let version = 1; version <= 5000; version++)
      index.add('long', { version, at: version, archived: false, placed: { place: version, length: 1 } });
    expect(index.list('long').map(({ version }) => version)).toEqual(Array.from({ length: 5000 }, (_, entry) => entry + 1));
  });
});
