// The way in for clients outside is booted from its rendered files: what may come through it, and as whom.
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ports, tokenRoles } from '../../lib/pulsar-config/places.ts';
import { loadNativeModule } from '../../src/adapters/pulsar/native-client.ts';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { callAdmin } from '../../src/adapters/pulsar-admin/call-admin.ts';
import { openSocket } from '../../src/adapters/pulsar-websocket/open-socket.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import type { TopicDefinition } from '../../src/protocol/topics.ts';
import { idsOf, makeIds, makeMessages, readQueue, readStream } from '../contract/bus-readers.ts';
import { CALL, waitUntil } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { makeClusterSecrets } from '../support/cluster/cluster-secrets.ts';
import { findMissingParts } from '../support/cluster/find-missing-parts.ts';
import { startSynthesized, type SynthesizedCluster } from '../support/cluster/start-synthesized.ts';
import { findTransport, openBus, type BusPlace, type Transport } from '../support/connector-process/open-bus.ts';
import { takeFewNodes } from '../support/machines/few-nodes.ts';

const missing = await findMissingParts(findPulsar().missing);
const native = await findTransport();
const START_TIMEOUT_MS = 300_000;
/** One that is there for whoever may see it. */
const KNOWN = 'persistent://outside/main/websocket-letters-partition-0';

/** Of one test, so that no other's messages are in them. */
const listTopics = (test: string): readonly TopicDefinition[] => [
  { name: `${test}-trips`, kind: 'stream', partitions: 4, retained: true, delayed: false },
  { name: `${test}-letters`, kind: 'queue', partitions: 1, retained: false, delayed: false },
];

describe.skipIf(missing !== '')(`the proxy of production, as it was synthesized${missing}`, () => {
  const opened: PulsarBus[] = [];
  const troubles: unknown[] = [];
  let cluster: SynthesizedCluster;
  let host = '';

  const findAccess = (role: string | undefined, at: string): BusPlace => ({
    webUrl: `https://${at}:${ports.web}`,
    brokerUrl: `pulsar+ssl://${at}:${ports.broker}`,
    tenant: 'outside',
    namespace: 'main',
    ...(role !== undefined && { tokenFile: cluster.secrets.tokenFile(role) }),
    tls: { caFile: cluster.secrets.caFile },
  });

  const open = async (transport: Transport, role: string | undefined): Promise<PulsarBus> => {
    const bus = await openBus(transport, findAccess(role, host), (error) => void troubles.push(error));
    opened.push(bus);
    return bus;
  };

  /** The WebSocket service alone: the bus would be refused by the administration before. */
  const openLink = (role: string | undefined, path: string, at: string): Promise<unknown> =>
    openSocket(
      {
        access: findAccess(role, at),
        clock: systemClock,
        path,
        doing: 'trying',
        onText: () => undefined,
        signal: AbortSignal.timeout(CALL.timeoutMs),
      },
      CALL.timeoutMs,
    );

  /** The binary protocol alone. */
  const openProducer = async (role: string | undefined, at: string): Promise<void> => {
    const { Client, AuthenticationToken } = await loadNativeModule();
    Client.setLogHandler(() => undefined);
    const token = role === undefined ? undefined : await readFile(cluster.secrets.tokenFile(role), 'utf8');
    const client = new Client({
      serviceUrl: `pulsar+ssl://${at}:${ports.broker}`,
      tlsTrustCertsFilePath: cluster.secrets.caFile,
      operationTimeoutSeconds: 4,
      ...(token !== undefined && { authentication: new AuthenticationToken({ token: () => Promise.resolve(token) }) }),
    });
    try {
      await client.createProducer({ topic: KNOWN });
    } finally {
      await client.close();
    }
  };

  beforeAll(async () => {
    const { synthesized } = takeFewNodes('outside/main', {
      names: ['zookeeper-1', 'bookie-1', 'broker-1', 'broker-2', 'proxy-1'],
      copies: { ensemble: 1, write: 1, ack: 1 },
    });
    const roles = [...Object.values(tokenRoles), 'stranger'];
    cluster = await startSynthesized({
      ...synthesized,
      makeSecrets: (folder, addresses) => makeClusterSecrets(folder, addresses, roles),
    });
    host = cluster.parts.find(({ role }) => role === 'proxy')?.placed.address ?? '';
  }, START_TIMEOUT_MS);

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()));
  });

  afterAll(() => cluster?.stop(), START_TIMEOUT_MS);

  it.each([...new Set([native, 'websocket' as const])])(
    'lets a client administer its namespace, publish, and read a stream and a queue of two brokers: %s',
    async (transport) => {
      const bus = await open(transport, tokenRoles.connector);
      const topics = listTopics(transport);
      const [trips = '', letters = ''] = topics.map(({ name }) => name);
      await bus.declareTopics(topics, CALL);
      const [stream, queue] = [await readStream(bus, trips), await readQueue(bus, letters)];
      const ids = makeIds('trip', 40);
      await bus.publish([...ids.flatMap((id) => makeMessages(trips, [id], id)), ...makeMessages(letters, ['letter'])], CALL);
      await waitUntil(() => stream.messages.length === ids.length && queue.messages.length === 1, 'the messages arrive');
      expect(idsOf(stream.messages).toSorted()).toEqual(ids.toSorted());
      expect(idsOf(queue.messages)).toEqual(['letter']);
      const kept = await Promise.all([0, 1, 2, 3].map((partition) => bus.readStream(trips, partition, 0, 100, CALL)));
      expect(idsOf(kept.flat()).toSorted()).toEqual(ids.toSorted());
    },
  );

  const refused: readonly (readonly [string, string | undefined])[] = [
    ['without a token', undefined],
    ['whose role has no rights, though the proxy has', 'stranger'],
  ];

  it.each(refused)('refuses a client %s: administration and WebSocket', async (_, role) => {
    const bus = await open('websocket', role);
    const refusal = { code: 'BUS_REFUSED', message: expect.stringMatching(/answered 40[13] to \w+/) };
    await expect(bus.declareTopics(listTopics('refused'), CALL)).rejects.toMatchObject(refusal);
    for (const path of ['producer', 'reader']) {
      await expect(openLink(role, `${path}/${KNOWN.replace('://', '/')}`, host)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    }
  });

  it.skipIf(native !== 'native').each(refused)('refuses a client %s: the native client', async (_, role) => {
    // Without a token it tries until its time is over.
    await expect(openProducer(role, host)).rejects.toThrow(/Failed to create producer: (Authoriz|Authenti|TimeOut)/);
  });

  it.skipIf(native !== 'native')('lets the same producer in with the right token', async () => {
    await expect(openProducer(tokenRoles.connector, host)).resolves.toBeUndefined();
  });

  it('administers nothing by itself, neither at a broker nor at another proxy', async () => {
    const call = { method: 'GET', path: 'persistent/outside/main', doing: 'looking' } as const;
    const broker = new URL(cluster.brokers[0]?.webUrl ?? '').hostname;
    for (const at of [broker, host])
      await expect(callAdmin(findAccess(tokenRoles.proxy, at), call, CALL.timeoutMs)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    await expect(callAdmin(findAccess(tokenRoles.connector, host), call, CALL.timeoutMs)).resolves.toMatchObject({ status: 200 });
  });
});
