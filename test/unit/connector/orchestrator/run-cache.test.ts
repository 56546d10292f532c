// Proves that copies of runs are kept while they are young and few, and no longer.
import { describe, expect, it } from 'vitest';
import { RunCache } from '../../../../src/connector/orchestrator/run-cache.ts';
import { runStarted } from '../../../support/pure/drafts.ts';
import { givenRun } from '../../../support/pure/given-run.ts';

const { commits } = givenRun([runStarted()]);

describe('a copy of a run', () => {
  it('is found until it is older than it may be', () => {
    const cache = new RunCache(10, 1000);
    cache.put('run', commits, 0, 5000);
    expect(cache.get('run', 6000)?.state.version).toBe(1);
    expect(cache.get('run', 6001)).toBeUndefined();
    expect(cache.get('run', 6000)).toBeUndefined();
  });

  it('is young again when it was appended to', () => {
    const cache = new RunCache(10, 1000);
    cache.put('run', commits, 0, 0).confirmedAt = 5000;
    expect(cache.get('run', 6000)).toBeDefined();
  });

  it('goes when there are too many: the one that was not asked for longest', () => {
    const cache = new RunCache(2, 1000);
    cache.put('one', commits, 0, 0);
    cache.put('two', commits, 0, 0);
    cache.get('one', 0);
    cache.put('three', commits, 0, 0);
    expect(['one', 'two', 'three'].filter((run) => cache.get(run, 0) !== undefined)).toEqual(['one', 'three']);
  });

  it('goes when it is dropped', () => {
    const cache = new RunCache(2, 1000);
    cache.put('run', commits, 0, 0);
    cache.drop('run');
    expect(cache.get('run', 0)).toBeUndefined();
  });

  it('of a run of which nothing is known is a run of which nothing is known', () => {
    const copy = new RunCache(2, 1000).put('run', [], 7, 9);
    expect(copy).toMatchObject({
      freshAt: 7,
      confirmedAt: 9,
      publishedVersion: 0,
      newest: undefined,
      state: { phase: 'unknown', version: 0 },
    });
  });
});
