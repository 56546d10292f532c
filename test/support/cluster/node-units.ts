// What runs on a node that is put on this machine: its files, its units and its tools, with the environments that they are given.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ConfigFile, Role } from '../../../lib/pulsar-config/cluster-description.ts';
import { healthUrls, startCommand, type CommandLine } from '../../../lib/pulsar-config/node-commands.ts';
import { ports } from '../../../lib/pulsar-config/places.ts';
import { findEnvironment, toolsEnvironment } from '../../../lib/pulsar-config/render-environment.ts';
import { adaptFile, smallMemory, type LoopbackNode } from './loopback-nodes.ts';
import { UnitProcess } from './unit-process.ts';

const CONNECT_TIMEOUT_MS = 2000;
const HEALTH_TIMEOUT_MS = 5000;
const TOOL_TIMEOUT_MS = 60_000;

const run = promisify(execFile);

/** What a process answers to a word; undefined when it does not. */
const ask = (host: string, port: number, word: string): Promise<string | undefined> =>
  new Promise((answer) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS }, () => socket.write(word));
    let heard = '';
    const end = (value: string | undefined): void => {
      socket.destroy();
      answer(value);
    };
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      heard += text;
    });
    socket.once('end', () => end(heard));
    socket.once('error', () => end(undefined));
    socket.once('timeout', () => end(undefined));
  });

const answersWell = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );

const isReady = async ({ address }: LoopbackNode, role: Role): Promise<boolean> => {
  if (role === 'zookeeper') return (await ask(address, ports.zookeeper, 'srvr'))?.includes('Mode:') === true;
  return answersWell(healthUrls[role].replace('127.0.0.1', address));
};

/** Reads a file as systemd does that is one variable a line. */
const readVariables = async (path: string): Promise<Record<string, string>> => {
  const text = await readFile(path, 'utf8');
  return Object.fromEntries([...text.matchAll(/^(\w+)="(.*)"$/gm)].map(([, key = '', value = '']) => [key, value]));
};

const PLAIN_COLLECTOR = '-XX:+UseSerialGC -XX:TieredStopAtLevel=1';

/** The environment of a role on this machine: little memory, and the plainest collector. */
const makeEnvironment = async (
  placed: LoopbackNode,
  role: Role,
  more: Readonly<Record<string, string>>,
): Promise<Record<string, string>> => {
  const variables = await readVariables(placed.translate(findEnvironment(role)));
  const kind = role === 'bookie' ? 'BOOKIE' : 'PULSAR';
  const scratch = join(placed.folder, 'tmp');
  return {
    ...variables,
    [`${kind}_MEM`]: smallMemory[role],
    [`${kind}_GC`]: PLAIN_COLLECTOR,
    [`${kind}_EXTRA_OPTS`]: `${variables[`${kind}_EXTRA_OPTS`] ?? ''} -Djava.io.tmpdir=${scratch} -Dio.netty.allocator.numDirectArenas=2`,
    ...more,
  };
};

/** Runs a tool of a node to its end. @param tries - in all */
export const runTool = async (placed: LoopbackNode, line: CommandLine, tries: number): Promise<void> => {
  const [program, ...parameters] = line.map((word) => placed.translate(word));
  const env = { ...process.env, ...(await readVariables(placed.translate(toolsEnvironment))) };
  for (let left = tries; ; left--) {
    try {
      await run(program ?? '', parameters, { env, timeout: TOOL_TIMEOUT_MS });
      return;
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
};

/** Writes all files of a node, and makes its folders. */
export const writeFiles = async (placed: LoopbackNode, files: readonly ConfigFile[], s3Endpoint: string): Promise<void> => {
  for (const name of ['logs', 'tmp', 'journal', 'ledgers', 'zookeeper', 'standalone'])
    await mkdir(join(placed.folder, name), { recursive: true });
  for (const file of files) {
    const { path, text } = adaptFile(placed, file, s3Endpoint);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
};

/** A process of a role on a node, as its unit starts it. @param more - of its environment */
export const makeUnit = async (
  home: string,
  placed: LoopbackNode,
  role: Role,
  more: Readonly<Record<string, string>> = {},
): Promise<UnitProcess> => {
  const [, ...parameters] = startCommand(role).map((word) => placed.translate(word));
  return new UnitProcess({
    name: role,
    home,
    folder: placed.folder,
    parameters,
    env: await makeEnvironment(placed, role, more),
    memory: smallMemory[role],
    isReady: () => isReady(placed, role),
  });
};
