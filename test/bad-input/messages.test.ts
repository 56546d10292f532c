// Messages that cannot be read: what is nothing we know goes to `dead-letters` with its error, what is newer than we know stays where it is.
import { findHint } from '../../src/protocol/errors.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import type { Bus, IncomingMessage } from '../../src/ports/bus.ts';
import { jobTopic, subscriptions, topics } from '../../src/protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { expectOthersGoOn, startBadEngine, type BadEngine } from './bad-engine.ts';

const CALL = { timeoutMs: 10_000 };

/** The next messages of a queue, acked. */
const takeFrom = async (bus: Bus, topic: string, count: number): Promise<readonly IncomingMessage[]> => {
  const taken: IncomingMessage[] = [];
  const enough = Promise.withResolvers<void>();
  const onMessage = (message: IncomingMessage): void => {
    taken.push(message);
    if (taken.length >= count) enough.resolve();
  };
  const queue = await bus.subscribeQueue(topic, { onMessage }, { ...CALL, subscription: 'test', prefetch: 100 });
  await enough.promise;
  for (const message of taken) queue.ack(message);
  await queue.close();
  return taken;
};

describe('a message that cannot be parsed', { timeout: 30_000 }, () => {
  let bad: BadEngine;
  beforeAll(async () => void (bad = await startBadEngine()), 30_000);
  afterAll(() => bad.stop());

  it.each([
    ['no JSON', topics.inbox.name, 'nonsense'],
    ['of no known type', topics.inbox.name, JSON.stringify({ v: 1, type: 'Nonsense', run: 'dead' })],
    ['without its fields', topics.inbox.name, JSON.stringify({ v: 1, type: 'StartRun', run: 'dead' })],
    ['no JSON', jobTopic('bad', 'echo').name, '{'],
    ['no JSON', topics.retries.name, '{'],
    ['no JSON', topics.timers.name, '{'],
  ])('%s on %s goes to dead-letters with its error, and what comes after it goes on', async (_, topic, body) => {
    const { bus } = bad.engine.ports;
    await bus.publish([{ topic, key: 'dead', id: `dead-${topic}-${body}`, body }], CALL);
    const [letter] = await takeFrom(bus, topics.deadLetters.name, 1);
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({
      topic,
      key: 'dead',
      body,
      code: 'MESSAGE_INVALID',
      message: expect.stringContaining('cannot be parsed'),
    });
    expect(bad.reports.at(-1)).toMatchObject({ error: { code: 'MESSAGE_INVALID' }, doing: `reading ${topic}` });
    // The same key, so the same partition of `inbox`.
    await bad.client.start({ app: 'bad', name: 'hello' }, 'you', { runId: 'dead' });
    expect(await bad.client.await('dead')).toMatchObject({ output: 'hello you' });
    await expectOthersGoOn(bad);
  });
});

describe('a message of a newer version', { timeout: 30_000 }, () => {
  it('is not acked: the engine says UPGRADE_ME and leaves it to a newer one, with all that comes after it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-newer-'));
    const write = (id: string, body: unknown) => ({ topic: topics.inbox.name, key: 'newer', id, body: JSON.stringify(body) });
    const messages = [
      write('newer', { v: PROTOCOL_VERSION + 1, type: 'Unheard' }),
      write('after-it', { v: PROTOCOL_VERSION, type: 'Any' }),
    ];
    const before = await startBadEngine({ folder });
    await before.client.start({ app: 'bad', name: 'hello' }, 'you', { runId: 'kept' });
    await before.client.await('kept');
    await before.engine.ports.bus.publish(messages, CALL);
    await expectUpgradeMe(before);
    await before.stop();

    const again = await startBadEngine({ folder });
    await expectUpgradeMe(again);
    expect(await again.client.show('kept')).toMatchObject({ status: 'completed', output: 'hello you' });
    await again.stop();

    const store = await openEmbeddedStore({ folder, clock: systemClock, report: () => undefined });
    const read = Promise.withResolvers<readonly IncomingMessage[]>();
    const onMessages = (_: number, batch: readonly IncomingMessage[]): void => {
      if (batch.some(({ key }) => key === 'newer')) read.resolve(batch);
    };
    await store.bus.subscribeStream(
      topics.inbox.name,
      { onMessages },
      { ...CALL, subscription: subscriptions.orchestrator, prefetch: 100 },
    );
    expect((await read.promise).map(({ topic, key, id, body }) => ({ topic, key, id, body }))).toEqual(messages);
    await store.close();
    await rm(folder, { recursive: true });
  });
});

const expectUpgradeMe = async ({ reports }: BadEngine): Promise<void> => {
  while (reports.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const error = reports[0]?.error;
  if (!(error instanceof StarquakeError)) throw error;
  expect({ code: error.code, message: error.message, hint: findHint(error) }).toMatchObject({
    code: 'UPGRADE_ME',
    message: expect.stringContaining('"newer"'),
    hint: expect.stringContaining('nothing was lost'),
  });
};
