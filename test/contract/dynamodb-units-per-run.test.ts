// A run of four jobs costs five commits and a few named writes beside: counted on the real connector, its stores on DynamoDB.
import { afterEach, describe, expect, it } from 'vitest';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { composeOnDynamo, type DynamoEngine } from '../support/dynamodb/compose-on-dynamodb.ts';
import { startDynamo } from './dynamodb-harness.ts';
import { CALL, makeName } from './harness.ts';

const dynamo = await startDynamo();
const RUNS = 30;
const IN_FLIGHT = 5;
const PATIENTLY = { timeout: 120_000, interval: 200 };
const PASSING_MS = 26 * 3600_000;
/** However slow this machine is, no attempt comes so late that it is taken for a copy, and none of the calls times out. */
const UNHURRIED = { moverIntervalMs: 500, freshMs: 60_000, callTimeoutMs: 60_000 };

describe.skipIf(dynamo.missing !== '')('units of DynamoDB', () => {
  let engine: DynamoEngine | undefined;
  afterEach(() => engine?.stop());

  const complete = async ({ bus, projection }: DynamoEngine, run: string): Promise<void> => {
    const start = { type: 'StartRun' as const, app: 'booking-sequential', workflow: 'book-sequentially', inputHash: '', tags: {} };
    await bus.publish([writeInbox({ ...start, run, input: { json: { order: run } }, requestId: run })], CALL);
    expect((await projection.awaitRun(run, { timeoutMs: 60_000 }))?.status).toBe('completed');
  };

  const completeAll = async (target: DynamoEngine): Promise<void> => {
    const names = Array.from({ length: RUNS }, () => makeName('run'));
    const goOn = async (): Promise<void> => {
      for (let run = names.shift(); run !== undefined; run = names.shift()) await complete(target, run);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, goOn));
  };

  /** Write units of operations per run, without the marks of buckets, which many runs share. */
  const countWrites = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      [...(engine?.meter.used ?? [])]
        .filter(([operation, { writeUnits }]) => writeUnits > 0 && operation !== 'dynamodb.releaseMark')
        .map(([operation, { requests, writeUnits }]) => [operation, (operation === 'dynamodb.putTimers' ? requests : writeUnits) / RUNS]),
    );

  it('five commits, a watch and the retention; its archive and its end come to ten more, days later', async () => {
    engine = await composeOnDynamo(dynamo.use().direct, 'workflows/booking-sequential/app.ts', UNHURRIED);
    await completeAll(engine);
    await expect.poll(countWrites, PATIENTLY).toEqual({ 'dynamodb.append': 5, 'dynamodb.putTimers': 2 });
    engine.meter.reset();
    engine.clock.advance(PASSING_MS);
    // The tombstone, the time of pruning; the watch and the retention are over.
    await expect.poll(countWrites, PATIENTLY).toEqual({ 'dynamodb.append': 1, 'dynamodb.putTimers': 1, 'dynamodb.removeTimers': 2 });
    engine.meter.reset();
    engine.clock.advance(PASSING_MS);
    await expect.poll(countWrites, PATIENTLY).toEqual({ 'dynamodb.prune': 5, 'dynamodb.removeTimers': 1 });
    engine.meter.reset();
  });
});
