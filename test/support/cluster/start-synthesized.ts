// Starts the processes of a whole platform from its rendered files, on loopback, in the order in which its machines do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  listNodes,
  listRoles,
  type ClusterDescription,
  type ConfigFile,
  type NodeDescription,
  type Role,
} from '../../../lib/pulsar-config/cluster-description.ts';
import { initializeMetadata, prepareNamespace, registerRack } from '../../../lib/pulsar-config/node-commands.ts';
import { ports, tokenRoles } from '../../../lib/pulsar-config/places.ts';
import { findDistribution } from '../../../src/adapters/pulsar-local/find-distribution.ts';
import { findOffloaders } from '../../../src/adapters/pulsar-local/find-offloaders.ts';
import { startS3, type S3StandIn } from '../offload/start-s3.ts';
import { balanceConnections } from './balance-connections.ts';
import { makeClusterSecrets, type ClusterSecrets } from './cluster-secrets.ts';
import { placeNodes, type LoopbackGround, type LoopbackNode } from './loopback-nodes.ts';
import { makeUnit, runTool, writeFiles } from './node-units.ts';
import type { Cluster, ClusterBroker } from './start-cluster.ts';
import type { UnitProcess } from './unit-process.ts';

/** What is started. */
export interface Synthesized {
  readonly cluster: ClusterDescription;
  /** All files of a node, as they were synthesized. */
  readonly listFiles: (node: NodeDescription) => readonly ConfigFile[];
  /** Of the engine, with its tenant. */
  readonly namespace: string;
  /** Makes its secrets in a new folder, for nodes at these addresses; those of a test unless given. */
  readonly makeSecrets?: (folder: string, addresses: readonly string[]) => Promise<ClusterSecrets>;
}

/** A process of a node. */
export interface NodeRole {
  readonly placed: LoopbackNode;
  readonly role: Role;
  readonly process: UnitProcess;
}

/** A cluster that runs, with all that it runs on. */
export interface SynthesizedCluster extends Cluster {
  readonly secrets: ClusterSecrets;
  readonly s3: S3StandIn;
  readonly parts: readonly NodeRole[];
}

/** The stand-in takes any. */
const S3_KEYS = { ACCESS_KEY_ID: 'stand-in', ACCESS_KEY_SECRET: 'stand-in' };
const TOOL_TRIES = 10;
const FIRST_LANE = 10;
const LANES = 200;

const describeBroker = ({ placed: { address: host }, process: server }: NodeRole): ClusterBroker & { readonly host: string } => ({
  host,
  webUrl: `https://${host}:${ports.web}`,
  brokerUrl: `pulsar+ssl://${host}:${ports.broker}`,
  id: `${host}:${ports.web}`,
  process: server,
});

const makeGround = async (folder: string): Promise<LoopbackGround> => ({
  folder,
  home: await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') }),
  offloaders: await findOffloaders(resolve('.starquake', 'pulsar-offloaders')),
  secrets: join(folder, 'secrets'),
});

/** Starts all processes in the order in which machines do; `parts` holds those that were begun. */
const startParts = async (
  { cluster, namespace }: Synthesized,
  home: string,
  nodes: readonly LoopbackNode[],
  parts: NodeRole[],
): Promise<void> => {
  const start = async (role: Role, more?: Readonly<Record<string, string>>): Promise<void> => {
    const own = nodes.filter(({ node }) => listRoles(node).includes(role));
    const begun = await Promise.all(own.map(async (placed) => ({ placed, role, process: await makeUnit(home, placed, role, more) })));
    parts.push(...begun);
    await Promise.all(begun.map((part) => part.process.start()));
  };
  const [first] = nodes;
  if (first === undefined) throw new Error('The cluster has no nodes.');
  await start('zookeeper');
  if (listNodes(cluster, 'zookeeper').length > 0) await runTool(first, initializeMetadata(cluster), 1);
  await start('bookie');
  for (const role of ['broker', 'standalone'] as const) await start(role, S3_KEYS);
  await Promise.all(listNodes(cluster, 'bookie').map((node) => runTool(first, registerRack(node), TOOL_TRIES)));
  for (const { command } of prepareNamespace(cluster, namespace)) await runTool(first, command, 1);
  await start('proxy');
};

const makeOwnSecrets = (folder: string, addresses: readonly string[]): Promise<ClusterSecrets> =>
  makeClusterSecrets(folder, addresses, Object.values(tokenRoles));

/** Starts it. @throws Error, with the end of a log, when a part does not come up; nothing is left then */
export const startSynthesized = async (what: Synthesized): Promise<SynthesizedCluster> => {
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-synthesized-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const ground = await makeGround(folder);
    const s3 = await startS3();
    closers.push(() => s3.stop());
    const nodes = placeNodes(what.cluster, ground, FIRST_LANE + (process.pid % LANES));
    const addresses = nodes.map(({ address }) => address);
    const secrets = await (what.makeSecrets ?? makeOwnSecrets)(ground.secrets, addresses);
    await Promise.all(nodes.map((placed) => writeFiles(placed, what.listFiles(placed.node), s3.endpoint)));
    const parts: NodeRole[] = [];
    closers.push(async () => void (await Promise.all(parts.map((part) => part.process.kill()))));
    await startParts(what, ground.home, nodes, parts);
    const brokers = parts.filter(({ role }) => role === 'broker' || role === 'standalone').map(describeBroker);
    const balancer = await balanceConnections(brokers.map(({ host }) => ({ host, port: ports.web })));
    closers.push(() => balancer.close());
    return {
      webUrl: balancer.url.replace('http:', 'https:'),
      brokerUrl: `pulsar+ssl://${brokers.map(({ host }) => `${host}:${ports.broker}`).join(',')}`,
      credentials: { tokenFile: secrets.tokenFile(tokenRoles.connector), tls: { caFile: secrets.caFile } },
      brokers,
      bookies: parts.filter(({ role }) => role === 'bookie').map((part) => part.process),
      folder,
      secrets,
      s3,
      parts,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
