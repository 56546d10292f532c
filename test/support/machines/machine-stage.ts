// A machine of the platform on this one: its scripts as they were rendered, its folders moved, and what AWS would be stood in for.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { planNodes } from '../../../lib/machines/plan-nodes.ts';
import { renderMachine } from '../../../lib/machines/render-machine.ts';
import { listVariables } from '../../../lib/machines/render-variables.ts';
import type { ClusterDescription } from '../../../lib/pulsar-config/cluster-description.ts';
import { places } from '../../../lib/pulsar-config/places.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import type { LoopbackNode } from '../cluster/loopback-nodes.ts';
import { putStandIns } from './stand-ins.ts';

/** What a machine is made from. */
export interface StagedOf {
  readonly settings: Settings;
  readonly cluster: ClusterDescription;
  readonly placed: LoopbackNode;
  /** Holds what would be in Secrets Manager. */
  readonly secretsFolder: string;
  /** Does what `systemctl` is told, as in `restart starquake-broker.service`; it fails when this does. */
  readonly system: (line: string) => Promise<void>;
}

/** How a script ended. */
export interface ScriptEnd {
  readonly code: number;
  readonly output: string;
}

/** A machine. */
export interface StagedMachine {
  readonly placed: LoopbackNode;
  /** What `systemctl` was told, in order, and whether the machine was out of service then. */
  readonly told: readonly string[];
  /** Runs lines as the documents of Systems Manager do: all of them as one script of `sh`. */
  run(lines: readonly string[], timeoutMs?: number): Promise<ScriptEnd>;
  close(): Promise<void>;
}

const SCRIPT_TIMEOUT_MS = 240_000;
/** Of a new platform; the test's own names. */
const secretNames = { authority: 'authority', tls: 'tls', tokens: 'tokens', connector: 'connector' };
const surroundings = { artefactBucket: 'artefacts', offloadBucket: 'history', valueBucket: 'values', keyArn: 'key' };

/** Folders that only a machine has, and its address, which others than itself use here too. */
const makeTranslation = (cluster: ClusterDescription, placed: LoopbackNode): ((text: string) => string) => {
  const { folder, address } = placed;
  const broker = cluster.nodes.find(({ processes }) => processes.broker !== undefined)?.host ?? '';
  const moved: readonly (readonly [string, string])[] = [
    ['/opt/starquake', join(folder, 'opt')],
    ['/etc/starquake', join(folder, 'etc')],
    ['/var/log/starquake', join(folder, 'logs')],
    ['/run/starquake-keys', join(folder, 'tmp', 'keys')],
    ['brokers.$STARQUAKE_DOMAIN', broker],
    ['127.0.0.1', address],
  ];
  return (text) => placed.translate(moved.reduce((left, [from, to]) => left.replaceAll(from, to), text));
};

/** Hears what `systemctl` is told. */
const startSystem = async (system: (line: string) => Promise<void>, told: string[], statusFile: string) => {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const line = await readText(request);
      told.push(existsSync(statusFile) ? line : `${line}, out of service`);
      await system(line);
    };
    answer().then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/`, close };
};

/** Puts the scripts of a machine in place. */
export const stageMachine = async ({ settings, cluster, placed, secretsFolder, system }: StagedOf): Promise<StagedMachine> => {
  const translate = makeTranslation(cluster, placed);
  const nodes = planNodes(settings, cluster);
  const node = nodes.find(({ description }) => description.name === placed.node.name);
  if (node === undefined) throw new Error(`There is no node ${placed.node.name}.`);
  for (const { path, text, mode } of renderMachine({ settings, cluster, node })) {
    if (!path.startsWith('/opt/starquake/bin/')) continue;
    await mkdir(dirname(translate(path)), { recursive: true });
    await writeFile(translate(path), translate(text));
    await chmod(translate(path), Number.parseInt(mode, 8));
  }
  const variables = {
    ...listVariables(settings, nodes, surroundings, secretNames, { runsPulsar: true, runsConnector: false }),
    STARQUAKE_NODE: placed.node.name,
    STARQUAKE_HOST: placed.node.host,
  };
  await mkdir(translate('/etc/starquake'), { recursive: true });
  const lines = Object.entries(variables).map(([key, value]) => `${key}='${translate(value)}'\n`);
  await writeFile(translate('/etc/starquake/node.env'), lines.join(''));
  const told: string[] = [];
  const heard = await startSystem(system, told, translate(places.status));
  const folder = join(placed.folder, 'stand-ins');
  await putStandIns({ folder, systemUrl: heard.url, secretsFolder });
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const run = (commands: readonly string[], timeoutMs = SCRIPT_TIMEOUT_MS): Promise<ScriptEnd> =>
    new Promise((resolve) => {
      const text = translate(commands.join('\n'));
      execFile('/bin/sh', ['-c', text], { env, timeout: timeoutMs, cwd: placed.folder }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, output: stdout + stderr });
      });
    });
  return { placed, told, run, close: heard.close };
};
