// Connectors that come, leave in good order, or lose the bus under load: every run ends once, with the right result.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { startConnector, type Connector } from '../../src/connector/connector.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';
import { openBus } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const RUNS = 150;
const SETTINGS = { inboxPartitions: 8 };

describe.skipIf(missing !== '')(`connectors that come and go${missing}`, () => {
  const place = { webUrl, brokerUrl, tenant: 'connectors', namespace: `n${Date.now().toString(36)}` };
  let bus: PulsarBus;
  let engine: TestEngine;

  beforeAll(async () => {
    bus = await openBus(place);
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
    const ownBus = await openBus(place);
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
});
