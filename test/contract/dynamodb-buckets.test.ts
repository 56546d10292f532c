// The timer store on DynamoDB reads no empty minutes, and loses no timer to the taking away of their marks.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DynamoTimerStore } from '../../src/adapters/dynamodb/dynamo-timer-store.ts';
import { timersTable } from '../../src/platform/tables.ts';
import { BUCKETS } from '../../src/adapters/dynamodb/timer-items.ts';
import type { Due } from '../../src/protocol/messages.ts';
import { makeTimerStore, openDynamo, startDynamo, type DynamoHarness } from './dynamodb-harness.ts';
import { scanItems } from '../support/dynamodb/expire-items.ts';
import { CALL, makeName, waitUntil } from './harness.ts';

const dynamo = await startDynamo();
const MINUTE_MS = 60_000;

describe.skipIf(dynamo.missing !== '')('timer store: dynamodb, buckets', () => {
  let harness: DynamoHarness<DynamoTimerStore>;
  beforeEach(async () => {
    harness = await openDynamo(dynamo.use(), timersTable, makeTimerStore);
  });
  afterEach(() => harness.close());

  const makeDue = (dueAt: number, id = makeName('due')): Due => ({
    type: 'Due',
    v: 1,
    dueAt,
    id,
    topic: 'inbox',
    key: 'run',
    message: '{}',
  });
  const countMarks = async (): Promise<number> =>
    (await scanItems(dynamo.use().direct, harness.parts.table)).filter(({ bucket }) => bucket?.S === BUCKETS).length;
  const countQueries = (): number => dynamo.use().proxy.seen.filter((operation) => operation === 'Query').length;
  const read = (store = harness.port): Promise<readonly Due[]> => store.readDue(harness.clock.now(), 100, CALL);

  it('minutes in which there was nothing are not read, however many there are', async () => {
    const now = harness.clock.now();
    const dues = [makeDue(now - 100 * 24 * 60 * MINUTE_MS), makeDue(now)];
    await harness.port.put(dues, CALL);
    dynamo.use().proxy.clear();
    expect(await read()).toEqual(dues);
    expect(countQueries()).toBeLessThanOrEqual(3);
  });

  it('a bucket that was read empty is forgotten once nobody can be putting into it any more', async () => {
    const due = makeDue(harness.clock.now());
    await harness.port.put([due], CALL);
    await harness.port.remove([due], CALL);
    harness.clock.advance(15 * MINUTE_MS);
    await read();
    expect(await countMarks()).toBe(1);
    harness.clock.advance(15 * MINUTE_MS);
    await read();
    expect(await countMarks()).toBe(0);
    dynamo.use().proxy.clear();
    await read();
    expect(countQueries()).toBe(1);
  });

  it('a put that relies on a mark it did not write is found by another process', async () => {
    const mover = harness.openAnother().port;
    const dueAt = harness.clock.now();
    const first = makeDue(dueAt, 'first');
    await harness.port.put([first], CALL);
    await harness.port.remove([first], CALL);
    harness.clock.advance(4 * MINUTE_MS);
    expect(await read(mover)).toEqual([]);
    // The same entry, so that it falls into the same bucket, whose mark is not written again.
    await harness.port.put([first], CALL);
    harness.clock.advance(30 * MINUTE_MS);
    expect(await read(mover)).toEqual([first]);
  });

  it('a put that is held up until its mark was taken away is found all the same', async () => {
    const mover = harness.openAnother().port;
    const due = makeDue(harness.clock.now());
    await harness.port.put([due], CALL);
    await harness.port.remove([due], CALL);
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    dynamo.use().proxy.clear();
    dynamo.use().proxy.inject({ fault: { kind: 'hold', until }, times: 1, matches: (operation) => operation === 'BatchWriteItem' });
    const putting = harness.port.put([due], CALL);
    await waitUntil(() => dynamo.use().proxy.seen.includes('BatchWriteItem'), 'the put is on its way');
    harness.clock.advance(30 * MINUTE_MS);
    expect(await read(mover)).toEqual([]);
    expect(await countMarks()).toBe(0);
    release();
    await putting;
    expect(await read(mover)).toEqual([due]);
  });

  it('what a batch leaves over is sent again, and lost answers change nothing', async () => {
    const now = harness.clock.now();
    const dues = Array.from({ length: 120 }, (_, index) => makeDue(now - index));
    const isBatch = (operation: string): boolean => operation === 'BatchWriteItem';
    dynamo.use().proxy.inject({ fault: { kind: 'unprocessed' }, times: 4, matches: isBatch });
    dynamo.use().proxy.inject({ fault: { kind: 'throttle' }, times: 2, matches: isBatch });
    dynamo.use().proxy.inject({ fault: { kind: 'lose-answer' }, times: 3, matches: isBatch });
    await harness.port.put(dues, CALL);
    expect((await harness.port.readDue(now, 1000, CALL)).length).toBe(120);
    dynamo.use().proxy.inject({ fault: { kind: 'unprocessed' }, times: 3, matches: isBatch });
    dynamo.use().proxy.inject({ fault: { kind: 'lose-answer' }, times: 3, matches: isBatch });
    await harness.port.remove(dues, CALL);
    expect(await harness.port.readDue(now, 1000, CALL)).toEqual([]);
  });
});
