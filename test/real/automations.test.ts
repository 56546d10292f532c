// What the automations run on machines is run here, as it was rendered, on a cluster of real processes: only systemd and AWS are stood in for.
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decommissionBookie, restartRole } from '../../lib/machines/write-runbooks.ts';
import { planNodes } from '../../lib/machines/plan-nodes.ts';
import { ports, tokenRoles } from '../../lib/pulsar-config/places.ts';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { callAdmin } from '../../src/adapters/pulsar-admin/call-admin.ts';
import type { TopicDefinition } from '../../src/protocol/topics.ts';
import { idsOf, makeIds, makeMessages } from '../contract/bus-readers.ts';
import { CALL } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { findMissingParts } from '../support/cluster/find-missing-parts.ts';
import { listParts, replaceBookie } from '../support/cluster/lose-nodes.ts';
import { startSynthesized, type NodeRole, type SynthesizedCluster } from '../support/cluster/start-synthesized.ts';
import { waitFor } from '../support/cluster/wait-for.ts';
import { openBus } from '../support/connector-process/open-bus.ts';
import { takeFewNodes } from '../support/machines/few-nodes.ts';
import type { StagedMachine } from '../support/machines/machine-stage.ts';
import { readCommands } from '../support/machines/read-commands.ts';
import { stageMachines } from '../support/machines/stage-machines.ts';

const missing = await findMissingParts(findPulsar().missing);
const START_TIMEOUT_MS = 300_000;
const PARTITIONS = 4;
/** Between two looks, and two messages. */
const PAUSE_MS = 200;
const trips: TopicDefinition = { name: 'trips', kind: 'stream', partitions: PARTITIONS, retained: true, delayed: false };
const BIN = '/opt/starquake/bin';
const MOST_TRIES = 5;

const few = takeFewNodes('keeping/main', {
  names: ['zookeeper-1', 'bookie-1', 'bookie-2', 'bookie-3', 'broker-1', 'broker-2'],
  copies: { ensemble: 2, write: 2, ack: 2 },
});
const given = { name: few.settings.name, roleArn: 'role', nodes: planNodes(few.settings, few.synthesized.cluster) };

describe.skipIf(missing !== '')(`automations${missing}`, () => {
  let cluster: SynthesizedCluster;
  let machines: Map<string, StagedMachine>;
  let bus: PulsarBus;
  const published: string[] = [];

  const find = (name: string): StagedMachine => {
    const machine = machines.get(name);
    if (machine === undefined) throw new Error(`There is no machine ${name}.`);
    return machine;
  };
  const runOn = async (name: string, ...lines: readonly string[]): Promise<string> => {
    const { code, output } = await find(name).run(lines);
    if (code !== 0) throw new Error(`${lines.join('; ')} on ${name} ended with ${code}: ${output}`);
    return output;
  };
  /** Asks a machine again and again, while something goes on. @returns what it answered */
  const askWhile = async (name: string, line: string, goingOn: () => Promise<unknown>): Promise<readonly boolean[]> => {
    const answers: boolean[] = [];
    let isOver = false;
    const asking = (async (): Promise<void> => {
      while (!isOver) {
        answers.push((await find(name).run([line])).code === 0);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    })();
    await goingOn().finally(() => {
      isOver = true;
    });
    await asking;
    return answers;
  };
  const findBookie = (name: string): NodeRole => {
    const bookie = listParts(cluster, name).find(({ role }) => role === 'bookie');
    if (bookie === undefined) throw new Error(`${name} has no bookie.`);
    return bookie;
  };
  /** What a bookie has said, in order: that it marks ledgers as ones that it may lack, and that it has fetched all of them. */
  const listEvents = async (name: string): Promise<readonly string[]> => {
    const log = await readFile(join(find(name).placed.folder, 'logs', 'bookie.log'), 'utf8');
    return log.match(/PREBOOT_START|CLEAR_INTEGCHECK_FLAG/g) ?? [];
  };
  const countMarks = async (name: string): Promise<number> => (await listEvents(name)).filter((event) => event === 'PREBOOT_START').length;
  /** The files by which the disks of a bookie say whose they are, and since when. */
  const listVersions = (name: string): readonly string[] =>
    ['journal', 'ledgers']
      .map((disk) => join(find(name).placed.folder, disk, 'current', 'VERSION'))
      .filter((path) => existsSync(path))
      .map((path) => `${path} ${statSync(path).ino} ${statSync(path).mtimeMs}`);
  const publish = async (prefix: string, count: number): Promise<void> => {
    const ids = makeIds(prefix, count);
    const messages = ids.flatMap((id) => makeMessages(trips.name, [id], id));
    // As every client does: what was not answered is said again, marked so.
    for (let tries = 1; ; tries++) {
      try {
        await bus.publish(
          messages.map((message) => ({ ...message, again: tries > 1 })),
          CALL,
        );
        break;
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
      }
    }
    published.push(...ids);
  };
  const readAll = async (): Promise<readonly string[]> => {
    const kept = await Promise.all(Array.from({ length: PARTITIONS }, (_, at) => bus.readStream(trips.name, at, 0, 100_000, CALL)));
    return [...new Set(idsOf(kept.flat()))].toSorted();
  };

  beforeAll(async () => {
    cluster = await startSynthesized(few.synthesized);
    machines = await stageMachines(few, cluster);
    const { webUrl, brokerUrl, credentials } = cluster;
    bus = await openBus('websocket', { webUrl, brokerUrl, tenant: 'keeping', namespace: 'main', ...credentials }, () => undefined);
    await bus.declareTopics([trips], CALL);
    await publish('first', 200);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await bus?.close();
    await Promise.all([...(machines?.values() ?? [])].map((machine) => machine.close()));
    await cluster?.stop();
  }, START_TIMEOUT_MS);

  it('every machine finds itself well, by its own check', async () => {
    for (const name of machines.keys()) expect(await find(name).run([`${BIN}/check-machine 30`])).toMatchObject({ code: 0 });
    expect(await find('broker-1').run(['set -e', `${BIN}/check brokers`, `${BIN}/check metadata`])).toMatchObject({ code: 0 });
  });

  it('steps of the first boot change nothing when they are run again', async () => {
    const { webUrl, credentials, secrets } = cluster;
    const access = { webUrl, tenant: 'keeping', namespace: 'main', ...credentials, tokenFile: secrets.tokenFile(tokenRoles.admin) };
    const look = (): Promise<readonly unknown[]> =>
      Promise.all(
        ['clusters/starquake', 'tenants/keeping', 'namespaces/keeping/main', 'bookies/racks-info'].map(
          async (path) => (await callAdmin(access, { method: 'GET', path, doing: 'looking' }, CALL.timeoutMs)).value,
        ),
      );
    const before = await look();
    await runOn('zookeeper-1', 'set -e', `${BIN}/prepare-metadata`, `${BIN}/prepare-namespace`);
    await runOn('bookie-1', `${BIN}/prepare-rack`);
    expect(await look()).toEqual(before);
  });

  it(
    'restart-role starts brokers again one after another: out of service first, nothing lost meanwhile',
    async () => {
      const lines = readCommands(restartRole(given), 'restart', { Role: 'broker' });
      // Keys are another test's.
      const rest = lines.filter((line) => !line.endsWith('/fetch-keys'));
      expect(lines.length - rest.length).toBe(1);
      let isOver = false;
      const load = (async (): Promise<void> => {
        for (let at = 0; !isOver; at++) {
          await publish(`load-${at}-`, 5);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      })();
      for (const name of ['broker-1', 'broker-2']) await runOn(name, ...rest);
      isOver = true;
      await load;
      expect(await readAll()).toEqual(published.toSorted());
      expect(find('broker-1').told).toEqual(['restart starquake-broker.service, out of service']);
    },
    START_TIMEOUT_MS,
  );

  it(
    'a bookie that comes back with empty disks is not counted as full before it is, and begins anew when it ends before that',
    async () => {
      const { process: bookie } = findBookie('bookie-1');
      const [marksBefore, endsBefore] = [await countMarks('bookie-1'), bookie.restarts];
      /** It has marked what it may lack and says whose its disks are: by itself it would not mark again. */
      const crashUnfilled = async (): Promise<void> => {
        const hasMarked = async (): Promise<boolean> =>
          (await countMarks('bookie-1')) > marksBefore && listVersions('bookie-1').length === 2;
        await waitFor('bookie-1 has marked what it may lack', hasMarked, START_TIMEOUT_MS);
        await bookie.crash();
        expect((await listEvents('bookie-1')).at(-1)).toBe('PREBOOT_START');
      };
      const answers = await askWhile('bookie-1', `${BIN}/check filled`, async () => {
        await Promise.all([replaceBookie(cluster, 'bookie-1'), crashUnfilled()]);
        await runOn('bookie-1', `${BIN}/check-machine 120`);
      });
      expect(answers).toContain(false);
      // It cannot register before its last session is over, and may end by itself too: as often as it starts it marks what it must not deny.
      const starts = 1 + bookie.restarts - endsBefore;
      expect(starts).toBeGreaterThanOrEqual(2);
      expect((await countMarks('bookie-1')) - marksBefore).toBe(starts);
      expect((await find('bookie-1').run([`${BIN}/check filled`])).code).toBe(0);
      expect(await readAll()).toEqual(published.toSorted());
    },
    START_TIMEOUT_MS,
  );

  it(
    'a bookie that is full, and is started again, does not begin anew',
    async () => {
      // One that was never empty, and one that was.
      for (const name of ['bookie-2', 'bookie-1']) {
        const before = { versions: listVersions(name), marks: await countMarks(name) };
        expect(before.versions).toHaveLength(2);
        const { process: bookie } = findBookie(name);
        await bookie.stop();
        await bookie.start();
        await runOn(name, `${BIN}/check-machine 120`);
        expect({ versions: listVersions(name), marks: await countMarks(name) }).toEqual(before);
      }
    },
    START_TIMEOUT_MS,
  );

  it(
    'decommission-bookie copies all that a bookie holds, forgets it and stops it: everything is still read',
    async () => {
      const runbook = decommissionBookie(given);
      await runOn('bookie-3', ...readCommands(runbook, 'checkBefore'));
      const isReplicated = await askWhile('bookie-1', `${BIN}/check copies`, () =>
        runOn('bookie-3', ...readCommands(runbook, 'decommission')),
      );
      expect(isReplicated).toContain(false);
      expect((await find('bookie-1').run([`${BIN}/check copies`])).code).toBe(0);
      const { address } = find('bookie-3').placed;
      expect(find('bookie-3').told).toEqual(['disable --now starquake-rack.service', 'disable --now starquake-bookie.service']);
      const cookies = await runOn(
        'zookeeper-1',
        `${BIN}/tool pulsar zookeeper-shell -server "$(. /etc/starquake/node.env; echo "$STARQUAKE_ZOOKEEPERS")" ls /ledgers/cookies`,
      );
      expect(cookies).not.toContain(`${address}:${ports.bookie}`);
      expect(cookies).toContain(`${find('bookie-1').placed.address}:${ports.bookie}`);
      await publish('after', 20);
      expect(await readAll()).toEqual(published.toSorted());
    },
    START_TIMEOUT_MS,
  );
});
