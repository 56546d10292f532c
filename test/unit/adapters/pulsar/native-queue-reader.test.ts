// Proves that what a queue may have given to another consumer is marked as such, though the native client connects again without a word.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeConsumer, NativeMessage } from '../../../../src/adapters/pulsar/native-client.ts';
import { NativeQueueReader } from '../../../../src/adapters/pulsar/native-queue-reader.ts';
import type { IncomingMessage } from '../../../../src/ports/bus.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';

let clock: VirtualClock;
let isConnected: boolean;
let end: number;
let give: (entry: number) => Promise<void>;
let came: IncomingMessage[];
let reader: NativeQueueReader;

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** As the client serializes an id: ledger 0 and this entry, in the wire format of Protocol Buffers. */
const serialize = (entry: number): Buffer => Buffer.from([0x08, 0x00, 0x10, entry]);

const makeMessage = (entry: number): NativeMessage => ({
  getMessageId: () => ({ serialize: () => serialize(entry) }),
  getData: () => Buffer.from('{}'),
  getProperties: () => ({ id: `m${entry}` }),
  getPartitionKey: () => 'run',
  getRedeliveryCount: () => 0,
});

const pass = async (ms: number): Promise<void> => {
  clock.advance(ms);
  await settle();
};

beforeEach(async () => {
  clock = makeVirtualClock();
  [isConnected, end, came] = [true, -1, []];
  const waiting: ((message: NativeMessage) => void)[] = [];
  give = async (entry) => {
    waiting.shift()?.(makeMessage(entry));
    await settle();
  };
  const consumer: NativeConsumer = {
    receive: () => new Promise((resolve) => waiting.push(resolve)),
    batchReceive: () => Promise.resolve([]),
    acknowledgeId: () => Promise.resolve(undefined),
    acknowledgeCumulativeId: () => Promise.resolve(undefined),
    negativeAcknowledgeId: () => undefined,
    isConnected: () => isConnected,
    close: () => Promise.resolve(undefined),
  };
  reader = new NativeQueueReader(
    {
      client: {
        createProducer: () => Promise.reject(new Error('not here')),
        createReader: () => Promise.reject(new Error('not here')),
        subscribe: () => Promise.resolve(consumer),
        close: () => Promise.resolve(undefined),
      },
      nameOf: ({ topic }) => topic,
      report: () => undefined,
      pause: (ms) => new Promise((resolve) => void clock.setTimer(clock.now() + ms, resolve)),
    },
    { topic: 'jobs.desk.work', partition: 0 },
    { onMessage: (message) => void came.push(message) },
    { subscription: 'job-manager', consumerName: 'one', prefetch: 8, findEnd: () => Promise.resolve(end) },
  );
  await reader.open();
  reader.begin();
  await settle();
});
afterEach(async () => {
  await reader.close();
  await pass(1000);
});

const marks = (): readonly boolean[] => came.map(({ redelivered }) => redelivered);

describe('what a queue gives', () => {
  it('is new as long as it comes in order on one connection', async () => {
    await give(1);
    await give(2);
    expect(marks()).toEqual([false, false]);
  });

  it('counts as delivered before when it is not beyond the last that came', async () => {
    await give(5);
    await give(3);
    expect(marks()).toEqual([false, true]);
  });

  it('counts as delivered before when it was there by the time of a new connection', async () => {
    await give(1);
    isConnected = false;
    await pass(100);
    end = came[0]?.position === undefined ? 0 : came[0].position * 4;
    isConnected = true;
    await pass(100);
    await give(3);
    await give(9);
    expect(marks()).toEqual([false, true, false]);
  });

  it('counts as delivered before while there is no connection', async () => {
    isConnected = false;
    await pass(100);
    await give(1);
    expect(marks()).toEqual([true]);
  });
});
