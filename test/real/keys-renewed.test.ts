// Keys are made, and renewed, by the scripts of the machines themselves: a cluster is booted with them, and stays up while they change.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planNodes } from '../../lib/machines/plan-nodes.ts';
import { renewKeys, restartRole } from '../../lib/machines/write-runbooks.ts';
import { ports, tokenRoles } from '../../lib/pulsar-config/places.ts';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { makeMessages } from '../contract/bus-readers.ts';
import { CALL, makeName } from '../contract/harness.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { findMissingParts } from '../support/cluster/find-missing-parts.ts';
import { startSynthesized, type SynthesizedCluster } from '../support/cluster/start-synthesized.ts';
import { openBus } from '../support/connector-process/open-bus.ts';
import { takeFewNodes } from '../support/machines/few-nodes.ts';
import { makeKeys, type MadeKeys } from '../support/machines/made-keys.ts';
import { readCommands } from '../support/machines/read-commands.ts';
import { stageMachines } from '../support/machines/stage-machines.ts';
import { waitFor } from '../support/cluster/wait-for.ts';

const missing = await findMissingParts(findPulsar().missing);
const START_TIMEOUT_MS = 300_000;
const RENEWAL_TIMEOUT_MS = 90_000;
const BIN = '/opt/starquake/bin';

const few = takeFewNodes('keys/main', { names: ['zookeeper-1', 'bookie-1', 'broker-1'], copies: { ensemble: 1, write: 1, ack: 1 } });

/** Five minutes are too long for a test. */
const hurry = (text: string): string => text.replace('tlsCertRefreshCheckDurationSec=300', 'tlsCertRefreshCheckDurationSec=1');

/** The certificate that is shown at a port. */
const findCertificate = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });

describe.skipIf(missing !== '')(`keys${missing}`, () => {
  let made: MadeKeys;
  let cluster: SynthesizedCluster;
  let host = '';
  const closers: (() => Promise<void>)[] = [];

  const open = async (tokenFile: string): Promise<PulsarBus> => {
    const access = {
      webUrl: cluster.webUrl,
      brokerUrl: cluster.brokerUrl,
      tenant: 'keys',
      namespace: 'main',
      tokenFile,
      tls: { caFile: made.secrets.caFile },
    };
    const bus = await openBus('websocket', access, () => undefined);
    closers.push(() => bus.close());
    return bus;
  };
  const publish = async (bus: PulsarBus): Promise<void> => {
    const topics = [{ name: 'trips', kind: 'stream', partitions: 1, retained: true, delayed: false } as const];
    await bus.declareTopics(topics, CALL);
    await bus.publish(makeMessages('trips', [makeName('trip')]), CALL);
  };
  const keepToken = async (name: string): Promise<string> => {
    const path = join(cluster.folder, `${name}.token`);
    await copyFile(made.secrets.tokenFile(tokenRoles.connector), path);
    return path;
  };
  const renew = async (scope: string): Promise<void> => {
    const { code, output } = await made.machine.run(readCommands(renewKeys(), 'renew', { Scope: scope }));
    if (code !== 0) throw new Error(`Renewing ended with ${code}: ${output}`);
  };

  beforeAll(async () => {
    const { listFiles } = few.synthesized;
    cluster = await startSynthesized({
      ...few.synthesized,
      listFiles: (node) => listFiles(node).map(({ path, text }) => ({ path, text: hurry(text) })),
      makeSecrets: async (folder, addresses) => {
        made = await makeKeys(few, folder, addresses);
        return made.secrets;
      },
    });
    host = cluster.parts.find(({ role }) => role === 'broker')?.placed.address ?? '';
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    for (const close of closers.splice(0)) await close();
    await made?.machine.close();
    await cluster?.stop();
  }, START_TIMEOUT_MS);

  it('of a new platform are what a cluster starts with and a connector comes in with', async () => {
    await expect(publish(await open(made.secrets.tokenFile(tokenRoles.connector)))).resolves.toBeUndefined();
  });

  it('are left alone by the first boot that finds them', async () => {
    const names = ['authority', 'tls', 'tokens', 'connector'];
    const before = await Promise.all(names.map((name) => made.readSecret(name)));
    expect(await made.machine.run([`${BIN}/make-keys`])).toMatchObject({ code: 0 });
    expect(await Promise.all(names.map((name) => made.readSecret(name)))).toEqual(before);
  });

  it(
    'are renewed in place: a broker shows the new certificate without a restart, and takes old tokens and new ones',
    async () => {
      const [old, bus] = [await keepToken('old'), await open(made.secrets.tokenFile(tokenRoles.connector))];
      await publish(bus);
      const shown = await Promise.all([ports.broker, ports.web].map((port) => findCertificate(host, port)));
      await renew('certificates');
      for (const [at, port] of [ports.broker, ports.web].entries()) {
        // The binary protocol looks for new files when somebody connects.
        await waitFor(
          `port ${port} shows the new certificate`,
          async () => (await findCertificate(host, port)) !== shown[at],
          RENEWAL_TIMEOUT_MS,
        );
      }
      expect(cluster.parts.map(({ process }) => process.restarts)).toEqual(cluster.parts.map(() => 0));
      await publish(bus);
      for (const tokenFile of [old, made.secrets.tokenFile(tokenRoles.connector)])
        await expect(publish(await open(tokenFile))).resolves.toBeUndefined();
    },
    START_TIMEOUT_MS,
  );

  it(
    'that sign tokens are renewed too: once brokers have started again, tokens of the old one are refused',
    async () => {
      const old = await keepToken('older');
      await renew('signing');
      const machines = await stageMachines(few, cluster);
      closers.push(...[...machines.values()].map((machine) => () => machine.close()));
      const nodes = planNodes(few.settings, few.synthesized.cluster);
      const restart = restartRole({ name: few.settings.name, roleArn: 'role', nodes });
      const lines = readCommands(restart, 'restart', { Role: 'broker' });
      expect(await machines.get('broker-1')?.run(lines)).toMatchObject({ code: 0 });
      await expect(publish(await open(made.secrets.tokenFile(tokenRoles.connector)))).resolves.toBeUndefined();
      await expect(publish(await open(old))).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    },
    START_TIMEOUT_MS,
  );
});
