// Runs a real Pulsar cluster on loopback: ZooKeeper, three bookies and two brokers, each a process that can be killed and started again.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findDistribution } from '../../../src/adapters/pulsar-local/find-distribution.ts';
import { findFreePorts } from '../pulsar/free-port.ts';
import { balanceConnections, type Balancer } from './balance-connections.ts';
import { LOOPBACK, makeBookieSettings, makeBrokerSettings, makeZookeeperSettings, writeConf } from './cluster-conf.ts';
import { ServerProcess, type ServerProgram } from './server-process.ts';

/** A broker, with its own addresses. */
export interface ClusterBroker {
  readonly webUrl: string;
  readonly brokerUrl: string;
  /** As the admin API names it. */
  readonly id: string;
  readonly process: ServerProcess;
}

/** What clients show, where tokens and TLS are wanted. */
export interface ClusterCredentials {
  readonly tokenFile?: string;
  /** The authority to trust. */
  readonly tls?: { readonly caFile: string };
}

/** A cluster that runs. */
export interface Cluster {
  /** Web services of all brokers behind one address, as a balancer offers them; what is dead is passed over. */
  readonly webUrl: string;
  /** The binary protocol of all brokers. */
  readonly brokerUrl: string;
  /** What clients show, where it is asked for. */
  readonly credentials?: ClusterCredentials;
  readonly brokers: readonly ClusterBroker[];
  readonly bookies: readonly ServerProcess[];
  /** Logs and data. */
  readonly folder: string;
  /** Ends all of it and removes its data. */
  stop(): Promise<void>;
}

const BOOKIES = 3;
const BROKERS = 2;
const ZOOKEEPER_MEMORY = '-Xms64m -Xmx192m -XX:MaxDirectMemorySize=64m';
const TOOL_MEMORY = '-Xmx192m';
const BOOKIE_MEMORY = '-Xms128m -Xmx256m -XX:MaxDirectMemorySize=256m';
const BROKER_MEMORY = '-Xms256m -Xmx512m -XX:MaxDirectMemorySize=384m';
const CONNECT_TIMEOUT_MS = 2000;
const HEALTH_TIMEOUT_MS = 5000;

const isListening = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const socket = connect({ host: LOOPBACK, port, timeout: CONNECT_TIMEOUT_MS });
    const end = (isOpen: boolean): void => {
      socket.destroy();
      answer(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });

const isHealthy = (webUrl: string): Promise<boolean> =>
  fetch(`${webUrl}/admin/v2/brokers/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
    async (answer) => answer.ok && (await answer.text()) === 'ok',
    () => false,
  );

/** What all processes are made with. */
interface Ground {
  readonly home: string;
  readonly folder: string;
  readonly metadataUrl: string;
}

const startZookeeper = async ({ home, folder }: Ground, port: number, begun: ServerProcess[]): Promise<void> => {
  const conf = await writeConf(home, folder, 'zookeeper.conf', 'zookeeper.conf', makeZookeeperSettings(folder, port));
  const zookeeper = new ServerProcess({
    name: 'zookeeper',
    home,
    folder,
    parameters: ['zookeeper'],
    env: { PULSAR_ZK_CONF: conf },
    memory: ZOOKEEPER_MEMORY,
    isReady: () => isListening(port),
  });
  begun.push(zookeeper);
  await zookeeper.start();
};

const listHosts = (urls: readonly string[]): string => urls.map((url) => new URL(url).host).join(',');

const initializeMetadata = async ({ home, folder, metadataUrl }: Ground, brokers: readonly ClusterBroker[], begun: ServerProcess[]) => {
  const tool = new ServerProcess({
    name: 'initialize-cluster-metadata',
    home,
    folder,
    parameters: [
      'initialize-cluster-metadata',
      '--cluster=loopback',
      `--metadata-store=${metadataUrl}`,
      `--configuration-metadata-store=${metadataUrl}`,
      `--web-service-url=http://${listHosts(brokers.map(({ webUrl }) => webUrl))}`,
      `--broker-service-url=pulsar://${listHosts(brokers.map(({ brokerUrl }) => brokerUrl))}`,
    ],
    env: {},
    memory: TOOL_MEMORY,
    isReady: () => Promise.resolve(true),
  });
  begun.push(tool);
  tool.launch();
  await tool.waitForEnd();
};

const makeBookie = async ({ home, folder, metadataUrl }: Ground, index: number, port: number): Promise<ServerProcess> => {
  const name = `bookie-${index}`;
  const conf = await writeConf(home, folder, `${name}.conf`, 'bookkeeper.conf', makeBookieSettings(folder, index, port, metadataUrl));
  return new ServerProcess({
    name,
    home,
    folder,
    parameters: ['bookie'],
    env: { PULSAR_BOOKKEEPER_CONF: conf },
    memory: BOOKIE_MEMORY,
    isReady: () => isListening(port),
  });
};

const makeBroker = async ({ home, folder, metadataUrl }: Ground, index: number, web: number, port: number): Promise<ClusterBroker> => {
  const name = `broker-${index}`;
  const conf = await writeConf(home, folder, `${name}.conf`, 'broker.conf', makeBrokerSettings(web, port, metadataUrl));
  const webUrl = `http://${LOOPBACK}:${web}`;
  const program: ServerProgram = {
    name,
    home,
    folder,
    parameters: ['broker'],
    env: { PULSAR_BROKER_CONF: conf },
    memory: BROKER_MEMORY,
    isReady: () => isHealthy(webUrl),
  };
  return { webUrl, brokerUrl: `pulsar://${LOOPBACK}:${port}`, id: `${LOOPBACK}:${web}`, process: new ServerProcess(program) };
};

/**
 * Starts a cluster and waits until all of it is healthy.
 *
 * @throws Error, with the end of a log, when a part does not come up; nothing is left then
 */
export const startCluster = async (): Promise<Cluster> => {
  const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
  const folder = await mkdtemp(join(tmpdir(), 'starquake-cluster-'));
  await Promise.all(['logs', 'tmp'].map((name) => mkdir(join(folder, name))));
  const begun: ServerProcess[] = [];
  let balancer: Balancer | undefined;
  const stop = async (): Promise<void> => {
    await balancer?.close();
    // All at once, and by force: nothing of it is wanted any more.
    await Promise.all(begun.map((part) => part.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [zookeeperPort = 0, ...ports] = await findFreePorts(1 + BOOKIES + 2 * BROKERS);
    const ground: Ground = { home, folder, metadataUrl: `zk:${LOOPBACK}:${zookeeperPort}` };
    const brokers = await Promise.all(
      Array.from({ length: BROKERS }, (_, index) =>
        makeBroker(ground, index, ports[BOOKIES + 2 * index] ?? 0, ports[BOOKIES + 2 * index + 1] ?? 0),
      ),
    );
    const bookies = await Promise.all(Array.from({ length: BOOKIES }, (_, index) => makeBookie(ground, index, ports[index] ?? 0)));
    await startZookeeper(ground, zookeeperPort, begun);
    await initializeMetadata(ground, brokers, begun);
    for (const group of [bookies, brokers.map((broker) => broker.process)]) {
      begun.push(...group);
      await Promise.all(group.map((part) => part.start()));
    }
    balancer = await balanceConnections(brokers.map(({ webUrl }) => ({ host: LOOPBACK, port: Number(new URL(webUrl).port) })));
    const brokerUrl = `pulsar://${listHosts(brokers.map((broker) => broker.brokerUrl))}`;
    return { webUrl: balancer.url, brokerUrl, brokers, bookies, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
