// What a broker that wants tokens and speaks TLS does with right, wrong and renewed credentials: each wrong one is an error of its own.
import { copyFile as copy, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import type { TopicDefinition } from '../../src/protocol/topics.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { idsOf, makeMessages, readQueue, readStream } from '../contract/bus-readers.ts';
import { CALL, makeName, waitUntil } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { makeAuthority } from '../support/pulsar/secure-certificates.ts';
import { ADMIN_ROLE, startSecureStandalone, type SecurePulsar } from '../support/pulsar/secure-standalone.ts';
import { signToken } from '../support/pulsar/secure-token.ts';
import { startTcpProxy, type TcpProxy } from '../support/pulsar/tcp-proxy.ts';

const { missing } = findPulsar();
const LONG_AGO = 1_000_000;
const CUT_EVERY_MS = 500;
const UNTRUSTED = /certificate/;

interface Opened {
  readonly bus: PulsarBus;
  readonly tokenFile: string;
  readonly caFile: string;
  readonly troubles: StarquakeError[];
}

describe.skipIf(missing !== '')(`credentials${missing}`, () => {
  const closers: (() => Promise<void>)[] = [];
  let pulsar: SecurePulsar;
  let proxy: TcpProxy;
  const topics: readonly TopicDefinition[] = [
    { name: makeName('stream'), kind: 'stream', partitions: 1, retained: true, delayed: false },
    { name: makeName('queue'), kind: 'queue', partitions: 1, retained: false, delayed: false },
  ];
  const [stream = '', queue = ''] = topics.map(({ name }) => name);

  const signRight = (): string => pulsar.sign({ role: ADMIN_ROLE });
  const signExpired = (): string => pulsar.sign({ role: ADMIN_ROLE, expiresAt: LONG_AGO });

  /** A bus with files of its own for its token and for the certificates that it trusts. */
  const open = async (token: string | undefined, ca = pulsar.authority.caFile, webUrl = pulsar.webUrl): Promise<Opened> => {
    const [tokenFile, caFile] = [join(pulsar.folder, makeName('token')), join(pulsar.folder, makeName('ca'))];
    await writeFile(tokenFile, token ?? '');
    await copy(ca, caFile);
    const troubles: StarquakeError[] = [];
    const access = { webUrl, tenant: 'secure', namespace: 'main', ...(token !== undefined && { tokenFile }), tls: { caFile } };
    const report = (error: unknown): void => void (error instanceof StarquakeError && troubles.push(error));
    const bus = createPulsarWebSocketBus({ access, clock: systemClock, report });
    closers.push(() => bus.close());
    return { bus, tokenFile, caFile, troubles };
  };

  /** One that knows the topics already, so that the first to refuse it is the WebSocket service. */
  const openKnowing = async (webUrl = pulsar.webUrl): Promise<Opened> => {
    const opened = await open(signRight(), pulsar.authority.caFile, webUrl);
    await opened.bus.declareTopics(topics, CALL);
    return opened;
  };

  beforeAll(async () => {
    pulsar = await startSecureStandalone();
    proxy = await startTcpProxy(Number(new URL(pulsar.webUrl).port));
    await (await open(signRight())).bus.declareTopics(topics, CALL);
  }, 180_000);

  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  afterAll(async () => {
    await proxy?.close();
    await pulsar?.stop();
  });

  it('with the right token, topics are declared and messages published and read over TLS', async () => {
    const { bus } = await open(signRight());
    const reader = await readQueue(bus, queue);
    await bus.publish([...makeMessages(stream, ['kept']), ...makeMessages(queue, ['taken'])], CALL);
    await waitUntil(() => reader.messages.length === 1, 'the message arrives');
    for (const message of reader.messages) reader.subscription.ack(message);
    expect(idsOf(await bus.readStream(stream, 0, 0, 10, CALL))).toEqual(['kept']);
  });

  it.each<[string, () => string | undefined]>([
    ['no token', () => undefined],
    ['nonsense for a token', () => 'nonsense'],
    ['a token that another key signed', () => signToken(Buffer.alloc(32, 7), { role: ADMIN_ROLE })],
    ['a token that has expired', signExpired],
    ['the token of a role that may not', () => pulsar.sign({ role: 'stranger' })],
  ])('%s is refused by every call with an error that says so, and what is right later works', async (_, makeToken) => {
    const token = makeToken();
    const { bus, troubles } = await open(token);
    const refused = { code: 'BUS_REFUSED', message: expect.stringMatching(/answered 40[13] to \w+/) };
    await expect(bus.declareTopics(topics, CALL)).rejects.toMatchObject(refused);
    await expect(bus.publish(makeMessages(stream, ['wrong']), CALL)).rejects.toMatchObject(refused);
    await expect(bus.readStream(stream, 0, 0, 1, CALL)).rejects.toMatchObject(refused);
    await expect(readStream(bus, stream)).rejects.toMatchObject(refused);
    await expect(readQueue(bus, queue)).rejects.toMatchObject(refused);

    const knowing = await openKnowing();
    await writeFile(knowing.tokenFile, token ?? '');
    await expect(knowing.bus.publish(makeMessages(stream, ['wrong']), CALL)).rejects.toMatchObject(refused);
    await writeFile(knowing.tokenFile, signRight());
    const id = makeName('renewed');
    await knowing.bus.publish(makeMessages(stream, [id]), CALL);
    const kept = idsOf(await knowing.bus.readStream(stream, 0, 0, 100, CALL));
    expect(kept).toContain(id);
    expect(kept).not.toContain('wrong');
    expect(troubles).toEqual([]);
  });

  it('a certificate that is not trusted is an error that says so, until the trusted ones are renewed in place', async () => {
    const stranger = await makeAuthority(pulsar.folder, 'stranger');
    const { bus, caFile } = await open(signRight(), stranger.caFile);
    const untrusted = { code: 'BUS_UNREACHABLE', message: expect.stringMatching(UNTRUSTED) };
    await expect(bus.declareTopics(topics, CALL)).rejects.toMatchObject(untrusted);
    await expect(bus.publish(makeMessages(stream, ['unseen']), CALL)).rejects.toMatchObject(untrusted);
    await copy(pulsar.authority.caFile, caFile);
    await bus.publish(makeMessages(stream, ['trusted']), CALL);
  });

  it('a token that expires while connected is renewed in its file: the reader comes back by itself and misses nothing', async () => {
    const { bus, tokenFile, troubles } = await openKnowing(`https://127.0.0.1:${proxy.port}`);
    const reader = await readQueue(bus, queue);
    await writeFile(tokenFile, signExpired());
    proxy.cut();
    const other = await openKnowing();
    await other.bus.publish(makeMessages(queue, ['meanwhile1', 'meanwhile2']), CALL);
    await waitUntil(() => troubles.filter(({ code }) => code === 'BUS_REFUSED').length >= 2, 'it tries again and again');
    expect(reader.messages).toEqual([]);
    await writeFile(tokenFile, signRight());
    await waitUntil(() => reader.messages.length >= 2, 'the messages arrive');
    expect(idsOf(reader.messages).toSorted()).toEqual(['meanwhile1', 'meanwhile2']);
    for (const message of reader.messages) reader.subscription.ack(message);
  });

  it('the broker gets a certificate of another authority: readers and publishers go on once they trust it', async () => {
    const { bus, caFile, troubles } = await openKnowing(`https://127.0.0.1:${proxy.port}`);
    const reader = await readQueue(bus, queue);
    const next = await makeAuthority(pulsar.folder, 'next');
    await pulsar.renewCertificate(next);
    // It takes it up some time after it was put in place; a connection that stands is not asked again.
    const cutting = setInterval(() => proxy.cut(), CUT_EVERY_MS);
    await waitUntil(() => troubles.some(({ message }) => UNTRUSTED.test(message)), 'the reader says why').finally(() =>
      clearInterval(cutting),
    );
    const publishing = bus.publish(makeMessages(queue, ['behind']), CALL);
    await copy(next.caFile, caFile);
    await publishing;
    await waitUntil(() => reader.messages.length === 1, 'the message arrives');
    expect(idsOf(reader.messages)).toEqual(['behind']);
  });
});
