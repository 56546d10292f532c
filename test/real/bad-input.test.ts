// Messages that a connector cannot read, on a real broker: what is nothing goes to dead-letters, what is newer waits for a newer connector.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { describeNewer } from '../../src/connector/context/read-message.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { IncomingMessage } from '../../src/ports/bus.ts';
import { findPartition } from '../../src/protocol/partition.ts';
import { jobTopic, subscriptions, topics } from '../../src/protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { readQueue, readStream } from '../contract/bus-readers.ts';
import { CALL, makeName } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';
import { publishForeign } from '../support/pulsar/foreign-producer.ts';
import { busAdapters, type BusPlace } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const PARTITIONS = 4;
const GIVE_UP_MS = 60_000;
const echo = jobTopic('bad', 'echo').name;

/** What a connector reads, and as which subscription. */
const read = [
  { topic: topics.inbox.name, subscription: subscriptions.orchestrator },
  { topic: echo, subscription: subscriptions.jobManager },
  { topic: topics.retries.name, subscription: subscriptions.jobRetry },
  { topic: topics.timers.name, subscription: subscriptions.timerService },
] as const;

const nonsense = [
  { what: 'text that is no JSON', bytes: 'nonsense', body: 'nonsense' },
  { what: 'nothing', bytes: '', body: '' },
  { what: 'bytes that are no text', bytes: Uint8Array.of(0xff, 0, 0xc3, 0x28), body: 'data:application/octet-stream;base64,/wDDKA==' },
  { what: 'JSON without the fields', bytes: '{"v":1}', body: '{"v":1}' },
  { what: 'JSON that is no object', bytes: 'null', body: 'null' },
] as const;

const letterSchema = z.object({ topic: z.string(), partition: z.int(), body: z.string(), code: z.string(), message: z.string() });
const statsSchema = z.object({
  subscriptions: z.record(z.string(), z.object({ msgBacklog: z.number(), consumers: z.array(z.unknown()) })),
});

const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`It did not come about: ${what}.`);
    await new Promise((done) => setTimeout(done, 50));
  }
};

describe.each(busAdapters)('bad input through $name', (adapter) => {
  const reason = missing === '' ? adapter.missing : missing;

  describe.skipIf(reason !== '')(`on a real broker${reason}`, () => {
    const closers: (() => Promise<void>)[] = [];
    const troubles: string[] = [];

    const open = async (namespace: string): Promise<{ readonly bus: PulsarBus; readonly place: BusPlace; readonly engine: TestEngine }> => {
      const place = { webUrl, brokerUrl, tenant: 'bad-input', namespace };
      const bus = await adapter.open(place, (error, doing) => void troubles.push(`${doing}: ${String(error)}`));
      closers.push(() => bus.close());
      const engine = await composeTestEngine({ entries: ['test/bad-input/bad-app.ts'], bus, settings: { inboxPartitions: PARTITIONS } });
      closers.push(() => engine.stop());
      return { bus, place, engine };
    };

    afterAll(async () => {
      for (const close of closers.toReversed()) await close();
    });

    const readStats = async ({ tenant, namespace }: BusPlace, topic: string, partition: number, subscription: string) => {
      const answer = await fetch(`${webUrl}/admin/v2/persistent/${tenant}/${namespace}/${topic}-partition-${partition}/stats`);
      return statsSchema.parse(await answer.json()).subscriptions[subscription];
    };

    const start = (run: string) => ({
      type: 'StartRun' as const,
      run,
      app: 'bad',
      workflow: 'hello',
      input: { json: run },
      inputHash: '',
      tags: {},
      requestId: run,
    });

    describe('what cannot be parsed', () => {
      let bus: PulsarBus;
      let place: BusPlace;
      let engine: TestEngine;
      let letters: readonly IncomingMessage[];

      beforeAll(async () => {
        ({ bus, place, engine } = await open(makeName('parse')));
        const reader = await readQueue(bus, topics.deadLetters.name);
        letters = reader.messages;
      }, 120_000);

      it.each(read)(
        'on $topic goes to dead-letters with its error and all its bytes, and what comes after it is read',
        async ({ topic, subscription }) => {
          const run = makeName('after');
          const partition = topic === topics.inbox.name ? findPartition(run, PARTITIONS) : 0;
          await publishForeign(place, topic, partition, nonsense);
          await bus.publish([writeInbox(start(run))], CALL);
          expect(await engine.projection.awaitRun(run, { timeoutMs: GIVE_UP_MS })).toMatchObject({ status: 'completed' });
          const find = () => letters.map(({ body }) => letterSchema.parse(JSON.parse(body))).filter((letter) => letter.topic === topic);
          await until(() => find().length >= nonsense.length, 'the dead letters come');
          expect(new Set(find().map(({ body }) => body))).toEqual(new Set(nonsense.map(({ body }) => body)));
          for (const letter of find())
            expect(letter).toMatchObject({ partition, code: 'MESSAGE_INVALID', message: expect.stringContaining('cannot be parsed') });
          await until(async () => (await readStats(place, topic, partition, subscription))?.msgBacklog === 0, 'all of it is acked');
        },
      );

      it('what another program publishes without id and properties, or with a key of its own, is taken for what it says', async () => {
        const runs = [makeName('bare'), makeName('keyed')];
        for (const run of runs) {
          const bytes = JSON.stringify({ v: PROTOCOL_VERSION, ...start(run) });
          const key = run.startsWith('keyed') ? { key: 'größer', properties: { foreign: 'yes' } } : {};
          await publishForeign(place, topics.inbox.name, findPartition(run, PARTITIONS), [{ bytes, ...key }]);
        }
        for (const run of runs)
          expect(await engine.projection.awaitRun(run, { timeoutMs: GIVE_UP_MS })).toMatchObject({ status: 'completed' });
      });
    });

    describe('what is of a newer version', () => {
      let bus: PulsarBus;
      let place: BusPlace;
      let engine: TestEngine;

      beforeAll(async () => void ({ bus, place, engine } = await open(makeName('newer'))), 120_000);

      it.each(read)(
        'on $topic is not acked: the connector leaves the topic and says UPGRADE_ME, a newer one gets it',
        async ({ topic, subscription }) => {
          const newer = { topic, key: 'run', id: 'newer', body: JSON.stringify({ v: PROTOCOL_VERSION + 1, type: 'Levitate', run: 'run' }) };
          const partition = topic === topics.inbox.name ? findPartition(newer.key, PARTITIONS) : 0;
          await bus.publish([newer], CALL);
          const said = `reading ${topic}: ${String(describeNewer({ ...newer, partition, position: 0, again: false, redelivered: false }))}`;
          await until(() => engine.troubles.includes(said), 'it says so');
          await until(async () => (await readStats(place, topic, partition, subscription))?.consumers.length === 0, 'it leaves the topic');
          await bus.publish([{ ...newer, id: 'next' }], CALL);

          const next = await adapter.open(place);
          closers.push(() => next.close());
          const readNext = topic === topics.inbox.name ? readStream : readQueue;
          const reader = await readNext(next, topic, 100, subscription);
          await until(() => reader.messages.length >= 2, 'the newer connector gets both');
          expect(reader.messages.map(({ id }) => id)).toEqual(['newer', 'next']);
          await readQueue(next, topics.deadLetters.name);
          expect((await readStats(place, topics.deadLetters.name, 0, 'reader'))?.msgBacklog).toBe(0);
        },
      );
    });

    it('a topic that is not there is an error that says so, and the call succeeds once it is', async () => {
      const place = { webUrl, brokerUrl, tenant: 'bad-input', namespace: makeName('topics') };
      const bus = await adapter.open(place);
      closers.push(() => bus.close());
      await bus.declareTopics([topics.history], CALL);
      const message = { topic: 'absent', key: 'k', id: 'i', body: '{}' };
      const absent = { code: 'STORE_FAILED', message: 'The topic absent does not exist.', hint: expect.stringContaining('Declare it') };
      await expect(bus.publish([message], CALL)).rejects.toMatchObject(absent);
      await expect(readQueue(bus, 'absent')).rejects.toMatchObject(absent);
      await bus.declareTopics([{ ...topics.retries, name: 'absent' }], CALL);
      const reader = await readQueue(bus, 'absent');
      await bus.publish([message], CALL);
      await until(() => reader.messages.length === 1, 'it arrives');
    });
  });
});
