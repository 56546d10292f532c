// What the connections of the bus over WebSocket do when the other side errs, falls silent or is slow: against a stand-in behind a proxy.
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { findPartition } from '../../src/protocol/partition.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';
import { startStandIn, type StandInScript } from '../support/pulsar/stand-in.ts';
import { startTcpProxy, type TcpProxy } from '../support/pulsar/tcp-proxy.ts';
import { makeIds, makeMessages } from './bus-readers.ts';
import { CALL, waitUntil } from './harness.ts';

const sentSchema = z.object({ context: z.string(), properties: z.object({ id: z.string(), again: z.string().exactOptional() }) });
const answer = (context: string, failure?: string): string =>
  JSON.stringify({ result: failure === undefined ? 'ok' : 'send-error:3', errorMsg: failure, messageId: 'CAEQAA==', context });

/** The admin API of a topic with so many partitions, in which nothing lies. */
const empty =
  (partitions: number): NonNullable<StandInScript['onAdmin']> =>
  (_method, path) =>
    path.includes('lastMessageId')
      ? { status: 200, value: { ledgerId: 1, entryId: -1, partitionIndex: -1 } }
      : { status: 200, value: { partitions } };

/** Longer than a silent side is waited for. */
const SILENT_MS = 15_000;

describe('connections over WebSocket', { timeout: 30_000 }, () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const troubles: string[] = [];

  const openAt = (webUrl: string, clock: Clock): PulsarBus => {
    const report = (error: unknown): void => void troubles.push(String(error));
    const bus = createPulsarWebSocketBus({ access: { webUrl, tenant: 't', namespace: 'n' }, clock, report });
    closers.push(() => bus.close());
    return bus;
  };

  const open = async (script: StandInScript, partitions = 1) => {
    const clock = makeVirtualClock();
    const standIn = await startStandIn({ onAdmin: empty(partitions), ...script });
    closers.push(() => standIn.close());
    const proxy: TcpProxy = await startTcpProxy(Number(new URL(standIn.webUrl).port));
    closers.push(() => proxy.close());
    return { clock, proxy, bus: openAt(`http://127.0.0.1:${proxy.port}`, clock) };
  };

  /** Lets what is under way on the loopback address arrive: what is asked for after it goes the same way. */
  const settle = async ({ port }: TcpProxy): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) await (await fetch(`http://127.0.0.1:${port}/`)).text();
  };

  it('errors on one partition fail its calls with the reason, get it a new connection, and touch no other partition', async () => {
    let broken = true;
    const connections = new Set<number>();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const partitionOf = (key: string): number => findPartition(key, 2);
    const key0 = keys.find((key) => partitionOf(key) === 0) ?? '';
    const key1 = keys.find((key) => partitionOf(key) === 1) ?? '';
    const { bus, clock } = await open(
      {
        onText: (text, socket, connection) => {
          const { context, properties } = sentSchema.parse(JSON.parse(text));
          if (properties.id.startsWith('bad')) connections.add(connection);
          socket.send(answer(context, broken && properties.id.startsWith('bad') ? 'Producer already closed' : undefined));
        },
      },
      2,
    );
    const [bad, good] = await Promise.allSettled([
      bus.publish(makeMessages('inbox', ['bad1'], key0), CALL),
      bus.publish(makeMessages('inbox', makeIds('good', 20), key1), CALL),
    ]);
    expect(good.status).toBe('fulfilled');
    expect(bad).toMatchObject({
      reason: { code: 'STORE_FAILED', message: expect.stringContaining('partition 0: Producer already closed') },
    });
    broken = false;
    const publishing = bus.publish(makeMessages('inbox', ['bad2'], key0), CALL);
    const moving = setInterval(() => clock.advance(100), 5);
    await publishing.finally(() => clearInterval(moving));
    expect(connections.size).toBe(2);
  });

  it('a side that has fallen silent without a word is given up, and what was under way is sent again', async () => {
    const sent: string[] = [];
    const { bus, proxy, clock } = await open({
      onText: (text, socket) => {
        const { context, properties } = sentSchema.parse(JSON.parse(text));
        sent.push(`${properties.id}${properties.again === '1' ? ' again' : ''}`);
        socket.send(answer(context));
      },
    });
    await bus.publish(makeMessages('inbox', ['first']), CALL);
    proxy.freeze();
    const publishing = bus.publish(makeMessages('inbox', ['second']), { timeoutMs: 3600_000 });
    const before = proxy.made;
    // Three seconds on, it is looked into why there is no answer, which has its own deadline on the real clock.
    clock.advance(SILENT_MS);
    await waitUntil(() => proxy.connections <= 1, 'the connection is given up');
    proxy.thaw();
    const moving = setInterval(() => clock.advance(100), 5);
    await publishing.finally(() => clearInterval(moving));
    expect(proxy.made).toBeGreaterThan(before);
    expect(sent).toEqual(['first', 'second again']);
  });

  it('a side that answers pings is kept, however long it has nothing to say', async () => {
    const connections: number[] = [];
    const { bus, proxy, clock } = await open({
      onText: (text, socket, connection) => {
        connections.push(connection);
        socket.send(answer(sentSchema.parse(JSON.parse(text)).context));
      },
    });
    await bus.publish(makeMessages('inbox', ['first']), CALL);
    for (let round = 0; round < 12; round++) {
      clock.advance(SILENT_MS / 3);
      await settle(proxy);
    }
    await bus.publish(makeMessages('inbox', ['second']), CALL);
    expect(connections).toEqual([1, 1]);
  });

  it('links that broke together come back at different moments', async () => {
    const partitions = 40;
    const { bus, proxy, clock } = await open({}, partitions);
    await bus.subscribeStream('inbox', { onMessages: () => undefined }, { ...CALL, subscription: 'reader', prefetch: 10 });
    const connected = clock.timers;
    proxy.cut();
    await settle(proxy);
    expect(clock.timers).toBe(connected);
    clock.advance(75);
    expect(clock.timers).toBeGreaterThan(0);
    expect(clock.timers).toBeLessThan(connected);
  });

  it('no more is under way than a bound of bytes, however much is published', async () => {
    const held: (() => void)[] = [];
    let holding = true;
    const { bus, proxy } = await open({
      onText: (text, socket) => {
        const { context } = sentSchema.parse(JSON.parse(text));
        if (holding) held.push(() => socket.send(answer(context)));
        else socket.send(answer(context));
      },
    });
    const body = JSON.stringify('x'.repeat(1024 * 1024));
    const messages = makeIds('m', 12).map((id) => ({ topic: 'inbox', key: 'k', id, body }));
    const publishing = bus.publish(messages, CALL);
    await waitUntil(() => held.length >= 6, 'some are sent');
    await settle(proxy);
    expect(held.length).toBeLessThanOrEqual(7);
    holding = false;
    for (const release of held) release();
    await publishing;
  });

  it('publishing that gets no answer because the backlog is full is an error that says so, and goes on when there is room', async () => {
    let full = true;
    const { bus, proxy, clock } = await open({
      onAdmin: (method, path, body) =>
        path.endsWith('/stats')
          ? { status: 200, value: { backlogSize: full ? 2000 : 0, backlogQuotaLimitSize: 1000 } }
          : empty(1)(method, path, body),
      onText: (text, socket) => {
        if (!full) socket.send(answer(sentSchema.parse(JSON.parse(text)).context));
      },
    });
    const publishing = bus.publish(makeMessages('inbox', ['waits']), { timeoutMs: 3600_000 }).catch((error: unknown) => error);
    await settle(proxy);
    clock.advance(3000);
    expect(await publishing).toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('2000 bytes wait unread, the limit is 1000'),
      hint: expect.stringContaining('Nothing is dropped'),
    });
    full = false;
    const moving = setInterval(() => clock.advance(100), 5);
    await bus.publish(makeMessages('inbox', ['waits']), { timeoutMs: 3600_000 }).finally(() => clearInterval(moving));
  });

  it('an opening that is answered too late is closed in an orderly way, so that no consumer stays that nobody reads', async () => {
    const held: (() => void)[] = [];
    const codes: number[] = [];
    const asked: string[] = [];
    const { bus, clock, proxy } = await open({
      hold: () => new Promise((answerIt) => held.push(answerIt)),
      onClose: (code) => codes.push(code),
      onText: (text) => asked.push(text),
    });
    const consumer = { onMessage: () => undefined };
    const opening = bus.subscribeQueue('timers', consumer, { timeoutMs: 3600_000, subscription: 'reader', prefetch: 10 });
    const ending = opening.catch((error: unknown) => error);
    await waitUntil(() => held.length === 1, 'Pulsar is asked');
    // Longer than an answer is waited for.
    await settle(proxy);
    clock.advance(10_000);
    expect(await ending).toMatchObject({ code: 'CALL_TIMED_OUT' });
    held[0]?.();
    await waitUntil(() => codes.length === 1, 'the first opening is closed');
    expect(codes).toEqual([1000]);
    expect(asked).toEqual([]);
  });

  it('closing ends what is under way with a side that never answers: a publish, a subscription, the bus', async () => {
    const sockets: Socket[] = [];
    const server = createServer((_request, response) => void response.end(JSON.stringify({ partitions: 1 })));
    server.on('upgrade', (_request, socket: Socket) => void sockets.push(socket));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const bus = openAt(`http://127.0.0.1:${port}`, makeVirtualClock());
    const consumer = { onMessage: () => undefined };
    const ends = [
      bus.publish(makeMessages('inbox', ['m']), CALL),
      bus.subscribeQueue('timers', consumer, { ...CALL, subscription: 'reader', prefetch: 10 }),
    ].map((end: Promise<unknown>) => end.catch((error: unknown) => error));
    await waitUntil(() => sockets.length === 2, 'both wait for an answer');
    await bus.close();
    for (const end of ends) expect(await end).toMatchObject({ code: 'BUS_UNREACHABLE' });
  });
});
