// The stores on DynamoDB keep their promises when answers are lost, requests throttled and connections broken.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DynamoRunStore } from '../../src/adapters/dynamodb/dynamo-run-store.ts';
import { runsTable } from '../../src/platform/tables.ts';
import type { Consumption } from '../../src/ports/clock.ts';
import type { Commit } from '../../src/protocol/commit.ts';
import { makeRunStore, openDynamo, startDynamo, type DynamoHarness } from './dynamodb-harness.ts';
import type { Fault } from '../support/dynamodb/fault-proxy.ts';
import { makeCommit, makeNoise } from './describe-run-store.ts';
import { CALL, makeName } from './harness.ts';

const dynamo = await startDynamo();
const SHORT = { timeoutMs: 400 };

describe.skipIf(dynamo.missing !== '')('run store: dynamodb, spoiled', () => {
  let harness: DynamoHarness<DynamoRunStore>;
  beforeEach(async () => {
    harness = await openDynamo(dynamo.use(), runsTable, makeRunStore());
  });
  afterEach(() => harness.close());

  const append = (commit: Commit, call = CALL) => harness.port.append(commit, JSON.stringify(commit), call);
  const spoil = (fault: Fault, operation: string, times?: number): void =>
    dynamo.use().proxy.inject({ fault, ...(times !== undefined && { times }), matches: (name) => name === operation });
  const claimRequest = (run: string, claimant = 'a') => {
    const now = harness.clock.now();
    return { run, epoch: 0, job: 4, generation: 1, number: 1, claimant, leaseUntil: now + 60_000, now };
  };

  it('an append whose answer was lost knows its own commit', async () => {
    const run = makeName('run');
    spoil({ kind: 'lose-answer' }, 'PutItem', 2);
    expect(await append(makeCommit(run, 1))).toBe('appended');
    expect(dynamo.use().proxy.seen).toEqual(['PutItem', 'PutItem', 'PutItem']);
    expect(await harness.port.load(run, CALL)).toEqual([makeCommit(run, 1)]);
  });

  it("an append that is sent again does not take another's commit for its own", async () => {
    const run = makeName('run');
    await append(makeCommit(run, 1, { id: 'another' }));
    spoil({ kind: 'lose-answer' }, 'PutItem', 1);
    expect(await append(makeCommit(run, 1))).toBe('conflict');
    expect((await harness.port.load(run, CALL))[0]?.id).toBe('another');
  });

  it('of sixteen racing appends with lost answers one wins, and knows it', async () => {
    const run = makeName('run');
    spoil({ kind: 'lose-answer' }, 'PutItem', 16);
    const racers = Array.from({ length: 16 }, (_, index) => makeCommit(run, 1, { id: `racer-${index}` }));
    const outcomes = await Promise.all(racers.map((commit) => append(commit)));
    expect(outcomes.filter((outcome) => outcome === 'appended').length).toBe(1);
    expect((await harness.port.load(run, CALL))[0]?.id).toBe(`racer-${outcomes.indexOf('appended')}`);
  });

  it('of sixteen racing claims with lost answers one is granted, the others see it', async () => {
    const run = makeName('run');
    spoil({ kind: 'lose-answer' }, 'PutItem', 16);
    const claimants = Array.from({ length: 16 }, (_, index) => `racer-${index}`);
    const outcomes = await Promise.all(claimants.map((claimant) => harness.port.claim(claimRequest(run, claimant), CALL)));
    const winner = claimants[outcomes.findIndex(({ kind }) => kind === 'granted')];
    const standing = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.standing.claimant] : []));
    expect(standing).toEqual(Array.from({ length: 15 }, () => winner));
  });

  it('a claim is finished although the answer was lost', async () => {
    const request = claimRequest(makeName('run'));
    await harness.port.claim(request, CALL);
    spoil({ kind: 'lose-answer' }, 'UpdateItem', 1);
    expect(await harness.port.finishClaim(request, CALL)).toBe(true);
    expect((await harness.port.readClaim(request, CALL))?.finished).toBe(true);
  });

  it.each<Fault>([{ kind: 'throttle' }, { kind: 'fail' }, { kind: 'reset' }])('a request that meets $kind is sent again', async (fault) => {
    const run = makeName('run');
    spoil(fault, 'PutItem', 3);
    expect(await append(makeCommit(run, 1))).toBe('appended');
    spoil(fault, 'Query', 3);
    expect(await harness.port.load(run, CALL)).toEqual([makeCommit(run, 1)]);
  });

  it('a store that throttles for long says so at the deadline', async () => {
    spoil({ kind: 'throttle' }, 'PutItem');
    await expect(append(makeCommit(makeName('run'), 1), SHORT)).rejects.toMatchObject({ code: 'THROTTLED' });
  });

  it('a store that does not answer is given up at the deadline', async () => {
    spoil({ kind: 'hang' }, 'Query');
    await expect(harness.port.load(makeName('run'), SHORT)).rejects.toMatchObject({ code: 'CALL_TIMED_OUT' });
    await expect(harness.port.readSummary(makeName('run'), SHORT)).rejects.toMatchObject({ code: 'CALL_TIMED_OUT' });
  });

  it('a request that is refused for good is not sent again', async () => {
    spoil({ kind: 'refuse' }, 'PutItem');
    await expect(append(makeCommit(makeName('run'), 1))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(dynamo.use().proxy.seen).toEqual(['PutItem']);
  });

  it('a commit of a newer version is not read', async () => {
    const run = makeName('run');
    await append(makeCommit(run, 1, { v: 1000 }));
    await expect(harness.port.load(run, CALL)).rejects.toMatchObject({ code: 'UPGRADE_ME' });
  });

  it('what each request has used is told, refused ones too; what is compressed uses less', async () => {
    const run = makeName('run');
    const told: Consumption[] = [];
    const call = { ...CALL, onConsumed: (consumption: Consumption) => void told.push(consumption) };
    await append(makeCommit(run, 1), call);
    await append(makeCommit(run, 1, { id: 'another' }), call);
    await append(makeCommit(run, 2, { messages: ['message'.repeat(1000)] }), call);
    await append(makeCommit(run, 3, { messages: [makeNoise(3, 5000)] }), call);
    await harness.port.readSummary(run, call);
    await harness.port.load(run, call);
    expect(told.map(({ operation, writeUnits }) => [operation, writeUnits]).slice(0, 3)).toEqual([
      ['dynamodb.append', 1],
      ['dynamodb.append', 1],
      ['dynamodb.append', 1],
    ]);
    expect(told[3]?.writeUnits).toBeGreaterThan(2);
    expect(told[3]?.writeUnits).toBeLessThan(6);
    expect(told.slice(4).map(({ operation, readUnits }) => [operation, readUnits])).toEqual([
      ['dynamodb.readSummary', 1],
      ['dynamodb.load', 2],
    ]);
  });
});
