// Connectors that come, leave in good order, or lose the bus under load: every run ends once, with the right result.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { startConnector, type Connector } from '../../src/connector/connector.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { subscriptions, topics } from '../../src/protocol/topics.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';

const { webUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const RUNS = 150;
const SETTINGS = { inboxPartitions: 8 };

describe.skipIf(missing !== '')(`connectors that come and go${missing}`, () => {
  const access = { webUrl, tenant: 'connectors', namespace: `n${Date.now().toString(36)}` };
  const openBus = (): PulsarBus => createPulsarWebSocketBus({ access, clock: systemClock, report: () => undefined });
  let bus: PulsarBus;
  let engine: TestEngine;

  beforeAll(async () => {
    bus = openBus();
    engine = await composeTestEngine({ entries: ['workflows/booking-sequential/app.ts'], bus, settings: SETTINGS });
  });

  afterAll(async () => {
    await engine.stop();
    await bus.close();
  });

  const startRuns = async (name: string): Promise<Promise<string | undefined>[]> => {
    const load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { json: { order: 'order-1' } } };
    const runs = makeIds(`${name}-`, RUNS);
    const ends = runs.map(async (run) => (await engine.projection.awaitRun(run, { timeoutMs: 120_000 }))?.status);
    const starts = runs.map((run) => writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run }));
    await bus.publish(starts, CALL);
    await Promise.race(ends);
    return ends;
  };

  /** A second connector on the same stores, with a bus of its own. */
  const joinConnector = async (): Promise<{ readonly connector: Connector; readonly ownBus: PulsarBus }> => {
    const ownBus = openBus();
    return { ownBus, connector: await startConnector({ ...engine.ports, bus: ownBus }, SETTINGS) };
  };

  const allCompleted = Array.from({ length: RUNS }, () => 'completed');

  it('one that joins takes its share, and one that leaves gives it back', async () => {
    const ends = await startRuns('share');
    const { connector, ownBus } = await joinConnector();
    const more = await startRuns('shared');
    await connector.stop();
    await ownBus.close();
    expect(await Promise.all([...ends, ...more])).toEqual([...allCompleted, ...allCompleted]);
  });

  it('one that loses the bus while it owns partitions is replaced, and does no harm when it goes on', async () => {
    const { connector, ownBus } = await joinConnector();
    const ends = await startRuns('lost');
    // Its connections are gone, its loops go on with what they hold.
    await ownBus.close();
    const results = await Promise.all(ends);
    await connector.stop();
    expect(results).toEqual(allCompleted);
  });

  it('what cannot be parsed goes to dead-letters with its error, and the partition goes on', async () => {
    const buried: string[] = [];
    const watching = openBus();
    const letters = await watching.subscribeQueue(
      topics.deadLetters.name,
      { onMessage: (message) => void buried.push(message.body) },
      { ...CALL, subscription: subscriptions.query, prefetch: 10 },
    );
    await bus.publish([{ topic: topics.inbox.name, key: 'bad-1', id: 'bad', body: '{"this is": "no message"}' }], CALL);
    const ends = await startRuns('bad');
    expect(await Promise.all(ends)).toEqual(allCompleted);
    await letters.close();
    await watching.close();
    expect(buried.length).toBe(1);
    expect(buried[0]).toContain('this is');
  });
});
