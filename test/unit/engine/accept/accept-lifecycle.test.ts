// Proves what the engine's own messages become: tries, expiry, archiving.
import { describe, expect, it } from 'vitest';
import { planTry } from '../../../../src/engine/accept/plan-try.ts';
import { runCompleted, runStarted, signalReceived } from '../../../support/pure/drafts.ts';
import { givenRun, when } from '../../../support/pure/given-run.ts';

describe('Wake', () => {
  it('is a try, and recorded even if nothing comes of it', () => {
    expect(when(givenRun([runStarted()]), { type: 'Wake', version: 1, cause: 'watch' })).toEqual({
      kind: 'commit',
      events: [],
      tries: true,
    });
  });

  it('drops the signals of a run that was never started', () => {
    const given = givenRun([{ type: 'RunExpected', until: 0 }, signalReceived('word')]);
    expect(when(given, { type: 'Wake', version: 1, cause: 'expected' })).toEqual({ kind: 'commit', events: [{ type: 'SignalsExpired' }] });
  });

  it('for a run that has started meanwhile drops nothing', () => {
    const given = givenRun([{ type: 'RunExpected', until: 0 }], [runStarted()]);
    expect(when(given, { type: 'Wake', version: 1, cause: 'expected' })).toMatchObject({ kind: 'commit', events: [] });
  });
});

describe('Archive', () => {
  const closed = givenRun([runStarted(), runCompleted()]);

  it('is for the end that it names', () => {
    expect(when(closed, { type: 'Archive', closing: 2 })).toEqual({ kind: 'archive' });
    expect(when(closed, { type: 'Archive', closing: 1 })).toMatchObject({ kind: 'commit', events: [] });
  });

  it('of a tombstone lets the older versions go', () => {
    const archived = givenRun([runStarted(), runCompleted()], [{ type: 'RunArchived', outcome: 'completed', archive: 'a', closedAt: 0 }]);
    expect(when(archived, { type: 'Archive', closing: 3 })).toEqual({ kind: 'prune' });
  });
});

describe('the next try of a blocked run', () => {
  it('is after 1 s, and twice as long each time, up to a minute in the first hour', () => {
    expect([1, 2, 3, 6, 7, 8, 100].map((tries) => planTry(tries, 0, 0))).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is up to ten minutes after that', () => {
    expect(planTry(100, 3_600_000, 0)).toBe(600_000);
    expect(planTry(100, 3_599_999, 0)).toBe(60_000);
  });
});
