// Proves that a commit is read as it was written, and that what a newer release wrote is not read at all.
import { describe, expect, it } from 'vitest';
import { parseCommit } from '../../../src/protocol/commit.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { runStarted } from '../../support/pure/drafts.ts';
import { givenRun } from '../../support/pure/given-run.ts';

const [commit] = givenRun([runStarted()]).commits;

describe('a commit', () => {
  it('is read as it was written', () => {
    expect(parseCommit(JSON.stringify(commit))).toEqual(commit);
  });

  it('of a newer release is refused, also where its events are of kinds that are not known here', () => {
    const newer = { ...commit, v: PROTOCOL_VERSION + 1, events: [{ type: 'RunLevitated', number: 1, at: 0 }] };
    expect(() => parseCommit(JSON.stringify(newer))).toThrow(expect.objectContaining({ code: 'UPGRADE_ME' }));
  });

  it('of this release with an event that is not known is no commit', () => {
    expect(() => parseCommit(JSON.stringify({ ...commit, events: [{ type: 'RunLevitated', number: 1, at: 0 }] }))).toThrow(
      /RunLevitated|discriminator|Invalid/,
    );
  });
});
