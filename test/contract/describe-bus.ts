// What every bus promises; each adapter runs this suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../../src/ports/bus.ts';
import { findPartition, hashKey } from '../../src/protocol/partition.ts';
import { declare, makeMessages, publish, readStream } from './bus-readers.ts';
import { describeBusQueues } from './describe-bus-queues.ts';
import { describeBusStreams } from './describe-bus-streams.ts';
import { CALL, makeName, waitUntil, type Harness, type OpenHarness } from './harness.ts';

/** Literal vectors of MurmurHash3 x86 32-bit, sign bit cleared: a run must not move to another partition, whatever is changed. */
const HASHES: readonly (readonly [string, number])[] = [
  ['', 0],
  ['a', 0x3c2569b2],
  ['abc', 0x33dd93fa],
  ['hello', 0x248bfa47],
  ['hello, world', 0x149bbb7f],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
];

/**
 * Runs the bus suite on an adapter.
 *
 * @param name - names the adapter in the report
 * @param open - opens it for one test
 */
export const describeBus = (name: string, open: OpenHarness<Bus>): void => {
  describe(`bus: ${name}`, () => {
    let harness: Harness<Bus>;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it.each(HASHES)('the key %j has the hash %d', (key, hash) => {
      expect(hashKey(key)).toBe(hash);
    });

    it('a message lies on the partition of its key', async () => {
      const topic = await declare(harness.port, 'stream', { partitions: 8 });
      const reader = await readStream(harness.port, topic);
      for (const [key] of HASHES.slice(1)) await publish(harness.port, topic, [key], key);
      await waitUntil(() => reader.messages.length === HASHES.length - 1, 'all messages arrive');
      for (const message of reader.messages) expect(message.partition).toBe(findPartition(message.key, 8));
    });

    it('a message comes as it was published', async () => {
      const topic = await declare(harness.port, 'stream');
      const reader = await readStream(harness.port, topic);
      const [message] = makeMessages(topic, ['one']);
      if (message === undefined) throw new Error('no message');
      await harness.port.publish([message, { ...message, id: 'two', again: true }], CALL);
      await waitUntil(() => reader.messages.length === 2, 'both messages arrive');
      const { topic: _topic, ...fields } = message;
      expect(reader.messages[0]).toMatchObject({ ...fields, partition: 0, again: false, redelivered: false });
      expect(reader.messages[1]).toMatchObject({ ...fields, id: 'two', again: true, redelivered: false });
    });

    it('topics may be declared twice', async () => {
      const topic = await declare(harness.port, 'stream', { partitions: 2 });
      await publish(harness.port, topic, ['kept']);
      await harness.port.declareTopics([{ name: topic, kind: 'stream', partitions: 2, retained: false, delayed: false }], CALL);
      const reader = await readStream(harness.port, topic);
      await waitUntil(() => reader.messages.length === 1, 'the message arrives');
      expect(reader.messages[0]?.id).toBe('kept');
    });

    it('a topic that was not declared is refused', async () => {
      await expect(publish(harness.port, makeName('nowhere'), ['a'])).rejects.toMatchObject({ code: 'STORE_FAILED' });
    });

    it('nothing is published when one of the topics is unknown', async () => {
      const topic = await declare(harness.port, 'stream', { retained: true });
      const messages = [...makeMessages(topic, ['a']), ...makeMessages(makeName('nowhere'), ['b'])];
      await expect(harness.port.publish(messages, CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
      expect(await harness.port.readStream(topic, 0, 0, 10, CALL)).toEqual([]);
    });

    describeBusStreams(() => harness);
    describeBusQueues(() => harness);
  });
};
