// What is too large for a message, on a real broker: values travel by reference, commits stay below the limit, bodies are refused at the edge.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { packValue, unpackValue } from '../../src/api/values.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { INLINE_LIMIT_BYTES } from '../../src/protocol/limits.ts';
import { topics } from '../../src/protocol/topics.ts';
import { idsOf, makeMessages, readQueue } from '../contract/bus-readers.ts';
import { CALL, makeName } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';
import { busAdapters } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const MEBIBYTE = 1024 * 1024;
const LARGE = 3 * MEBIBYTE;
/** Both are the broker's: of a message, and of a text of its WebSocket service, in which the body is a third longer. */
const MOST_BYTES_OF_MESSAGE = 5 * MEBIBYTE;
const MOST_BYTES_OF_TEXT = 8 * MEBIBYTE;
const RUN_TIMEOUT = { timeoutMs: 120_000 };

/** Text that does not get smaller by being compressed. */
const makeNoise = (bytes: number): string => randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64');

describe.each(busAdapters)('large things through $name', (adapter) => {
  const reason = missing === '' ? adapter.missing : missing;

  describe.skipIf(reason !== '')(`on a real broker${reason}`, () => {
    const place = { webUrl, brokerUrl, tenant: 'bad-input', namespace: makeName('large') };
    const entries = ['test/bad-input/bad-app.ts', 'test/support/apps/bulky/app.ts'];
    let bus: PulsarBus;
    let engine: TestEngine;

    beforeAll(async () => {
      bus = await adapter.open(place);
      engine = await composeTestEngine({ entries, bus, settings: { inboxPartitions: 4 } });
    }, 120_000);

    afterAll(async () => {
      await engine?.stop();
      await bus?.close();
    });

    const start = async (run: string, app: string, workflow: string, value: unknown): Promise<void> => {
      const input = await packValue(engine.ports.payloads, run, value);
      await bus.publish([writeInbox({ type: 'StartRun', run, app, workflow, input, inputHash: '', tags: {}, requestId: run })], CALL);
    };

    /** Bytes of everything that a stream holds. */
    const measure = async (topic: string, partitions: number): Promise<readonly number[]> => {
      const sizes: number[] = [];
      for (let partition = 0; partition < partitions; partition++) {
        for (let from = 0; ;) {
          const messages = await bus.readStream(topic, partition, from, 100, CALL);
          sizes.push(...messages.map(({ body }) => Buffer.byteLength(body)));
          const last = messages.at(-1);
          if (last === undefined) break;
          from = last.position + 1;
        }
      }
      return sizes;
    };

    it('an input of 3 MB, a job output, a signal and the result of a run travel by reference', async () => {
      const [run, input, text] = [makeName('carrying'), 'x'.repeat(LARGE), 'y'.repeat(LARGE)];
      await start(run, 'bad', 'carrying', input);
      const value = await packValue(engine.ports.payloads, run, { text });
      await bus.publish([writeInbox({ type: 'Signal', run, signal: 'value', value, requestId: `${run}-signal` })], CALL);
      const row = await engine.projection.awaitRun(run, RUN_TIMEOUT);
      expect(row).toMatchObject({ status: 'completed', output: { link: { bytes: expect.any(Number) } } });
      const output = await unpackValue(engine.ports.payloads, row?.output ?? {});
      expect(output).toEqual({ lengths: [LARGE, LARGE + 1, LARGE], all: [input, `${input}1`, text] });
      expect(Math.max(...(await measure(topics.history.name, topics.history.partitions)))).toBeLessThan(INLINE_LIMIT_BYTES);
    });

    it.each([
      ['the topic takes', MOST_BYTES_OF_MESSAGE + 1024],
      ['the WebSocket service reads', MOST_BYTES_OF_TEXT],
    ])('a body larger than %s is refused with an error that says so, and what is published beside it is stored', async (_, bytes) => {
      const topic = makeName('queue');
      await bus.declareTopics([{ ...topics.retries, name: topic }], CALL);
      const large = { topic, key: 'run-1', id: 'large', body: makeNoise(bytes) };
      const results = await Promise.allSettled([
        bus.publish(makeMessages(topic, ['before']), CALL),
        bus.publish([large], CALL),
        bus.publish(makeMessages(topic, ['after']), CALL),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { code: 'PAYLOAD_TOO_LARGE' } });
      await bus.publish(makeMessages(topic, ['last']), CALL);
      const reader = await readQueue(bus, topic);
      await expect.poll(() => new Set(idsOf(reader.messages)), { timeout: 30_000 }).toEqual(new Set(['before', 'after', 'last']));
      await reader.subscription.close();
    });

    it.each(['x', '漢'])('many large signals of %s at once come to commits that a message can hold', async (character) => {
      const [run, pages] = [makeName('collect'), 200];
      const text = character.repeat(Math.floor((INLINE_LIMIT_BYTES - 100) / Buffer.byteLength(character)));
      const signals = Array.from({ length: pages }, (_, page) =>
        writeInbox({ type: 'Signal', run, signal: 'page', value: { json: text }, requestId: `${run}-${page}` }),
      );
      await bus.publish(signals, CALL);
      await start(run, 'bulky', 'collect', pages);
      expect(await engine.projection.awaitRun(run, RUN_TIMEOUT)).toMatchObject({
        status: 'completed',
        output: { json: pages * text.length },
      });
      expect(Math.max(...(await measure(topics.history.name, topics.history.partitions)))).toBeLessThan(MOST_BYTES_OF_MESSAGE);
    });

    it.each(['x', '漢'])(
      'a decision that asks for many jobs with large inputs of %s comes to commits that a message can hold',
      async (text) => {
        const [run, jobs] = [makeName('fan-out'), 300];
        const times = Math.floor((INLINE_LIMIT_BYTES - 100) / Buffer.byteLength(text));
        await start(run, 'bulky', 'fan-out', { jobs, text, times });
        expect(await engine.projection.awaitRun(run, RUN_TIMEOUT)).toMatchObject({ status: 'completed', output: { json: jobs * times } });
        expect(Math.max(...(await measure(topics.history.name, topics.history.partitions)))).toBeLessThan(MOST_BYTES_OF_MESSAGE);
      },
    );

    it('an error larger than a message fails its run with as much of it as travels', async () => {
      const run = makeName('exploding');
      await start(run, 'bulky', 'exploding', MOST_BYTES_OF_TEXT);
      const row = await engine.projection.awaitRun(run, RUN_TIMEOUT);
      expect(row?.status).toBe('failed');
      expect(row?.failure?.message).toContain('mmmm');
    });
  });
});
