// The adapter's own code for the native client keeps the bus contract on a Pulsar in memory; the addon itself is another suite's.
import { describe, expect, it } from 'vitest';
import { createNativePulsarBus } from '../../src/adapters/pulsar/native-bus.ts';
import type { Bus } from '../../src/ports/bus.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';
import { startMemoryPulsar, type MemoryPulsar } from '../support/pulsar/memory-pulsar.ts';
import { declare, idsOf, makeIds, publish, readStream } from './bus-readers.ts';
import { describeBus } from './describe-bus.ts';
import { waitUntil, type Harness } from './harness.ts';

const QUIET_TURNS = 60;

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const open = async (): Promise<Harness<Bus> & { readonly pulsar: MemoryPulsar; readonly advance: (ms: number) => void }> => {
  const clock = makeVirtualClock();
  const pulsar = await startMemoryPulsar(clock);
  const access = { webUrl: pulsar.webUrl, brokerUrl: 'pulsar://in-memory', tenant: 't', namespace: 'n' };
  const make = () => createNativePulsarBus({ access, clock, report: () => undefined }, pulsar.load);
  let bus = await make();
  return {
    pulsar,
    clock,
    get port() {
      return bus;
    },
    advance: (ms) => clock.advance(ms),
    passTime: async (ms) => {
      clock.advance(ms);
      await quiet();
    },
    quiet,
    reopen: async () => {
      await bus.close();
      bus = await make();
    },
    close: async () => {
      await bus.close();
      await pulsar.close();
    },
  };
};

describeBus('native client, its adapter on a Pulsar in memory', open);

describe('the adapter of the native client', () => {
  it('a message that could not be sent is sent again, marked', async () => {
    const harness = await open();
    const topic = await declare(harness.port, 'stream');
    const reader = await readStream(harness.port, topic);
    harness.pulsar.failSends(['TimeOut']);
    const publishing = publish(harness.port, topic, ['a']);
    await waitUntil(() => reader.messages.length === 1, 'what was stored although it failed arrives');
    harness.advance(250);
    await publishing;
    await waitUntil(() => reader.messages.length === 2, 'it arrives again');
    expect(reader.messages.map(({ id, again }) => ({ id, again }))).toEqual([
      { id: 'a', again: false },
      { id: 'a', again: true },
    ]);
    await harness.close();
  });

  it('what sending again does not mend is an error at once', async () => {
    const harness = await open();
    const topic = await declare(harness.port, 'stream');
    harness.pulsar.failSends(['AuthorizationError', 'MessageTooBig']);
    await expect(publish(harness.port, topic, ['a'])).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    await expect(publish(harness.port, topic, ['a'])).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await harness.close();
  });

  it('after a connection broke, the partition counts as gained, and comes from the ack position on', async () => {
    const harness = await open();
    const topic = await declare(harness.port, 'stream');
    const reader = await readStream(harness.port, topic);
    await publish(harness.port, topic, makeIds('m', 5));
    await waitUntil(() => reader.messages.length === 5, 'all messages arrive');
    reader.subscription.ackUpTo(0, reader.messages[1]?.position ?? -1);
    const before = reader.batches.length;
    harness.pulsar.breakConnections(topic);
    await waitUntil(() => reader.messages.length === 8, 'what was not acked arrives again');
    expect(idsOf(reader.messages).slice(5)).toEqual(['m3', 'm4', 'm5']);
    expect(reader.batches[before]?.gained).toBe(true);
    expect(reader.messages.slice(5).every(({ redelivered }) => redelivered)).toBe(true);
    await harness.close();
  });
});
