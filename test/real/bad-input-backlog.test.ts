// A full backlog, on a real broker that looks at its quotas every second: publishers are told why they wait, and nothing is dropped.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import type { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { topics } from '../../src/protocol/topics.ts';
import { Calls } from '../../src/connector/context/calls.ts';
import { idsOf, makeIds, readQueue } from '../contract/bus-readers.ts';
import { CALL, makeName } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { startStandalone, type StandalonePulsar } from '../support/pulsar/start-standalone.ts';

const { missing } = findPulsar();
const QUOTA_BYTES = 200_000;
const BODY = JSON.stringify('x'.repeat(QUOTA_BYTES / 5));
const GIVE_UP_MS = 90_000;
/** Longer than it takes to find out why nothing is answered. */
const PUBLISH = { timeoutMs: 8000 };

describe.skipIf(missing !== '')(`a full backlog${missing}`, () => {
  const topic = makeName('queue');
  const full = {
    code: 'STORE_FAILED',
    message: expect.stringMatching(/backlog quota .* is used up: \d+ bytes wait unread, the limit is 200000/),
  };
  let pulsar: StandalonePulsar;
  let bus: PulsarBus;

  beforeAll(async () => {
    pulsar = await startStandalone({ settings: { backlogQuotaCheckIntervalInSeconds: 1 } });
    const access = { webUrl: pulsar.webUrl, tenant: 'bad-input', namespace: 'backlog' };
    const settings = { backlogLimitBytes: QUOTA_BYTES };
    bus = createPulsarWebSocketBus({ access, clock: systemClock, report: () => undefined, settings });
    await bus.declareTopics([{ ...topics.retries, name: topic }], CALL);
  }, 180_000);

  afterAll(async () => {
    await bus?.close();
    await pulsar?.stop();
  });

  const publish = (id: string): Promise<void> => bus.publish([{ topic, key: 'k', id, body: BODY }], PUBLISH);

  it('publishers hear that the quota is used up, repeat with pauses, and go on by themselves when there is room', async () => {
    // A subscription that stands still: what it was not given counts as unread.
    const standing = await readQueue(bus, topic, 1);
    const taken: string[] = [];
    let refusal: unknown;
    for (const id of makeIds('taken', 100)) {
      refusal = await publish(id).then(
        () => void taken.push(id),
        (error: unknown) => error,
      );
      if (refusal !== undefined) break;
      await new Promise((done) => setTimeout(done, 200));
    }
    expect(refusal).toMatchObject(full);

    const reports: unknown[] = [];
    const calls = new Calls(systemClock, (error) => void reports.push(error));
    const publishing = calls.untilDone('publishing', PUBLISH.timeoutMs * 2, () => publish('waiting').then(() => true));
    await expect.poll(() => reports.length, { timeout: GIVE_UP_MS }).toBeGreaterThanOrEqual(2);
    expect((reports as StarquakeError[]).every(({ code }) => code === full.code)).toBe(true);

    await standing.subscription.close();
    const reader = await readQueue(bus, topic);
    const acking = setInterval(() => {
      for (const message of reader.messages) reader.subscription.ack(message);
    }, 50);
    expect(await publishing).toBe(true);
    await expect.poll(() => idsOf(reader.messages).includes('waiting'), { timeout: GIVE_UP_MS }).toBe(true);
    clearInterval(acking);
    expect(idsOf(reader.messages)).toEqual(expect.arrayContaining(taken));
  });
});
