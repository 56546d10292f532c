// Leaves a consumer behind at Pulsar's WebSocket service: its process is gone before the service answers, which waits for a broker.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { callAdmin } from '../../../src/adapters/pulsar-admin/call-admin.ts';
import type { PulsarAccess } from '../../../src/adapters/pulsar-admin/pulsar-access.ts';
import type { NodeRole, SynthesizedCluster } from '../../support/cluster/start-synthesized.ts';

/** What is left behind. */
export interface LeftConsumer {
  /** Whether brokers have it as a consumer of the subscription. */
  isThere(): Promise<boolean>;
}

const CALL_TIMEOUT_MS = 20_000;
/** Longer than the service takes to ask the broker, shorter than a session of brokers. */
const MOMENT_MS = 700;
const TOPIC = 'left-alone';
const SUBSCRIPTION = 'readers';
const NAME = 'one-who-left';

const foundSchema = z.object({ brokerUrlTls: z.string() });
const statsSchema = z.object({
  subscriptions: z.record(z.string(), z.object({ consumers: z.array(z.object({ consumerName: z.string() })) })),
});

/** Brokers that run: the one that owns the topic, and one whose WebSocket service is asked. */
const findBrokers = async ({ parts }: SynthesizedCluster, access: PulsarAccess, path: string) => {
  const brokers = parts.filter(({ role, process }) => role === 'broker' && process.isRunning);
  const found = await callAdmin(
    access,
    { method: 'GET', root: '/lookup/v2/topic/', path, doing: 'looking for its broker' },
    CALL_TIMEOUT_MS,
  );
  const { hostname } = new URL(foundSchema.parse(found.value).brokerUrlTls);
  const owner = brokers.find(({ placed }) => placed.address === hostname);
  const door = brokers.find(({ placed }) => placed.address !== hostname);
  if (owner === undefined || door === undefined) throw new Error(`${path} is at ${hostname}: no broker is beside it.`);
  return { owner, door };
};

const openAt = async ({ credentials }: SynthesizedCluster, { placed }: NodeRole, path: string, port: string): Promise<WebSocket> => {
  const token = await readFile(credentials?.tokenFile ?? '', 'utf8');
  const ca = await readFile(credentials?.tls?.caFile ?? '', 'utf8');
  const query = `subscriptionType=Failover&consumerName=${NAME}&pullMode=true`;
  const socket = new WebSocket(`wss://${placed.address}:${port}/ws/v2/consumer/${path}/${SUBSCRIPTION}?${query}`, {
    ca,
    headers: { authorization: `Bearer ${token.trim()}` },
  });
  // It is ended before it is open, which is an error to it.
  socket.on('error', () => undefined);
  return socket;
};

/** Leaves one behind. */
export const leaveConsumer = async (cluster: SynthesizedCluster, namespace: string): Promise<LeftConsumer> => {
  const [tenant = '', name = ''] = namespace.split('/');
  const access: PulsarAccess = { webUrl: cluster.webUrl, tenant, namespace: name, ...cluster.credentials };
  const path = `persistent/${namespace}/${TOPIC}`;
  await callAdmin(access, { method: 'PUT', path, doing: 'creating the topic' }, CALL_TIMEOUT_MS);
  const { owner, door } = await findBrokers(cluster, access, path);
  owner.process.freeze();
  try {
    const socket = await openAt(cluster, door, path, new URL(cluster.brokers[0]?.webUrl ?? '').port);
    await sleep(MOMENT_MS);
    socket.terminate();
    await sleep(MOMENT_MS);
  } finally {
    owner.process.thaw();
  }
  return {
    isThere: async () => {
      const { value } = await callAdmin(access, { method: 'GET', path: `${path}/stats`, doing: 'reading its stats' }, CALL_TIMEOUT_MS);
      const consumers = statsSchema.parse(value).subscriptions[SUBSCRIPTION]?.consumers ?? [];
      return consumers.some(({ consumerName }) => consumerName === NAME);
    },
  };
};
