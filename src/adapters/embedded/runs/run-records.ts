// How commits, claims and what removes them lie in the journal.
import type { Commit } from '../../../protocol/commit.ts';
import type { Claim } from '../../../ports/run-store.ts';
import type { ClaimKey } from './claim-table.ts';
import type { RecordBuffer } from '../journal/record-buffer.ts';
import type { RecordReader } from '../journal/record-reader.ts';

/** What the journal says of a commit beside its text. */
export interface CommitHead {
  readonly run: string;
  readonly version: number;
  readonly at: number;
  readonly archived: boolean;
}

/** The head of a commit as it comes to the store. */
export const describeCommit = ({ run, version, at, summary }: Commit): CommitHead => ({
  run,
  version,
  at,
  archived: summary.status === 'archived',
});

export const writeCommit = (payload: RecordBuffer, { run, version, at, archived }: CommitHead, text: string): void => {
  payload.addText(run);
  payload.addNumber(version);
  payload.addNumber(at);
  payload.addByte(archived ? 1 : 0);
  payload.addText(text);
};

export const readCommitHead = (payload: RecordReader): CommitHead => ({
  run: payload.takeText(),
  version: payload.takeNumber(),
  at: payload.takeNumber(),
  archived: payload.takeByte() === 1,
});

export const writePrune = (payload: RecordBuffer, run: string, versions: readonly number[]): void => {
  payload.addText(run);
  payload.addInteger(versions.length);
  for (const version of versions) payload.addNumber(version);
};

export const readPrune = (payload: RecordReader): { run: string; versions: readonly number[] } => {
  const run = payload.takeText();
  const count = payload.takeInteger();
  return { run, versions: Array.from({ length: count }, () => payload.takeNumber()) };
};

export const writeClaim = (payload: RecordBuffer, key: ClaimKey, claim: Claim): void => {
  payload.addText(key.run);
  payload.addInteger(key.epoch);
  payload.addInteger(key.job);
  payload.addInteger(claim.generation);
  payload.addInteger(claim.number);
  payload.addText(claim.claimant);
  payload.addNumber(claim.leaseUntil);
  payload.addByte(claim.finished ? 1 : 0);
};

export const readClaimRecord = (payload: RecordReader): { key: ClaimKey; claim: Claim } => {
  const key = { run: payload.takeText(), epoch: payload.takeInteger(), job: payload.takeInteger() };
  const claim = {
    generation: payload.takeInteger(),
    number: payload.takeInteger(),
    claimant: payload.takeText(),
    leaseUntil: payload.takeNumber(),
    finished: payload.takeByte() === 1,
  };
  return { key, claim };
};
