// What the bus over WebSocket does when answers are lost or refused: against a stand-in that loses and refuses on purpose.
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import type { OutgoingMessage } from '../../src/ports/bus.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { findFreePorts } from '../support/pulsar/free-port.ts';
import { startStandIn, type StandInScript } from '../support/pulsar/stand-in.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';
import { CALL, waitUntil } from './harness.ts';

const sentSchema = z.object({
  context: z.string(),
  properties: z.object({ id: z.string(), again: z.string().exactOptional() }),
});

const onePartition: StandInScript = { onAdmin: () => ({ status: 200, value: { partitions: 1 } }) };
const answer = (context: string): string => JSON.stringify({ result: 'ok', messageId: 'CAEQAA==', context });
const makeMessages = (...ids: readonly string[]): readonly OutgoingMessage[] =>
  ids.map((id) => ({ topic: 'inbox', key: 'run-1', id, body: '{}' }));

describe('publishing over WebSocket', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const openAt = (webUrl: string, clock: Clock = systemClock): PulsarBus => {
    const bus = createPulsarWebSocketBus({ access: { webUrl, tenant: 't', namespace: 'n' }, clock, report: () => undefined });
    closers.push(() => bus.close());
    return bus;
  };

  const openOn = async (script: StandInScript, clock?: Clock): Promise<PulsarBus> => {
    const standIn = await startStandIn({ ...onePartition, ...script });
    closers.push(() => standIn.close());
    return openAt(standIn.webUrl, clock);
  };

  it('what was not answered when a connection broke is sent again, in order and marked', async () => {
    const sent: string[] = [];
    const bus = await openOn({
      onText: (text, socket, connection) => {
        const { context, properties } = sentSchema.parse(JSON.parse(text));
        sent.push(`${connection}: ${properties.id}${properties.again === '1' ? ' again' : ''}`);
        if (connection > 1 || properties.id === 'a') socket.send(answer(context));
        if (connection === 1 && properties.id === 'c') socket.terminate();
      },
    });
    await bus.publish(makeMessages('a', 'b', 'c'), CALL);
    expect(sent).toEqual(['1: a', '1: b', '1: c', '2: b again', '2: c again']);
  });

  it('many messages are under way before the first is answered', async () => {
    const held: (() => void)[] = [];
    const bus = await openOn({
      onText: (text, socket) => {
        held.push(() => socket.send(answer(sentSchema.parse(JSON.parse(text)).context)));
        if (held.length === 50) for (const release of held.toReversed()) release();
      },
    });
    await bus.publish(makeMessages(...Array.from({ length: 50 }, (_, index) => `m${index}`)), CALL);
    expect(held.length).toBe(50);
  });

  it('what Pulsar does not store is an error that says why', async () => {
    const refuseWith = (errorMsg: string): Promise<PulsarBus> =>
      openOn({
        onText: (text, socket) => {
          const { context } = sentSchema.parse(JSON.parse(text));
          socket.send(JSON.stringify({ result: 'send-error:3', errorMsg, context }));
        },
      });
    const full = await refuseWith('Cannot create producer on topic with backlog quota exceeded');
    await expect(full.publish(makeMessages('a'), CALL)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      hint: expect.stringContaining('backlog quota'),
    });
    const large = await refuseWith('The producer of the topic sends a message with 5243904 bytes that exceeds 5242880 bytes');
    await expect(large.publish(makeMessages('a'), CALL)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('a message that is larger than the service reads is refused, and the others are sent', async () => {
    const sent: string[] = [];
    const bus = await openOn({
      onText: (text, socket, connection) => {
        const { context, properties } = sentSchema.parse(JSON.parse(text));
        if (connection === 1 && properties.id === 'large') return socket.close(1009);
        if (connection === 1) return undefined;
        sent.push(properties.id);
        return socket.send(answer(context));
      },
    });
    const large = { topic: 'inbox', key: 'run-1', id: 'large', body: 'x'.repeat(1000) };
    const [others, refused] = await Promise.allSettled([bus.publish(makeMessages('a', 'b'), CALL), bus.publish([large], CALL)]);
    expect(others.status).toBe('fulfilled');
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(sent).toEqual(['a', 'b']);
  });

  it('wrong credentials are an error at once', async () => {
    const bus = await openOn({ refuse: () => 401 });
    await expect(bus.publish(makeMessages('a'), CALL)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    const strict = await openOn({ onAdmin: () => ({ status: 401, value: { reason: 'HTTP 401 Unauthorized' } }) });
    await expect(strict.declareTopics([], CALL)).resolves.toBeUndefined();
    await expect(strict.readStream('history', 0, 0, 1, CALL)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  });

  it('a topic that is not there is an error that says so', async () => {
    const bus = await openOn({ onAdmin: () => ({ status: 404 }) });
    await expect(bus.publish(makeMessages('a'), CALL)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: 'The topic inbox does not exist.',
    });
  });

  it('an address where nothing listens is an error that names it', async () => {
    const [port = 0] = await findFreePorts(1);
    const bus = openAt(`http://127.0.0.1:${port}`);
    await expect(bus.publish(makeMessages('a'), CALL)).rejects.toMatchObject({
      code: 'BUS_UNREACHABLE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  it('an answer that does not come in time ends the call', async () => {
    const clock = makeVirtualClock();
    let heard = 0;
    const bus = await openOn({ onText: () => void heard++ }, clock);
    const publishing = bus.publish(makeMessages('a'), { timeoutMs: 1000 }).catch((error: unknown) => error);
    await waitUntil(() => heard === 1, 'the message is sent');
    clock.advance(1500);
    expect(await publishing).toMatchObject({ code: 'CALL_TIMED_OUT' });
  });
});
