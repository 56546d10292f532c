// A local broker comes up once, is found again, and is the only thing that is ever ended; with a broker that only looks like one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endProcess, launchBroker } from '../../../../src/adapters/pulsar-local/broker-process.ts';
import { LocalPulsar } from '../../../../src/adapters/pulsar-local/local-pulsar.ts';
import { identifyProcess, isRunning, readMemoryMb } from '../../../../src/adapters/pulsar-local/process-identity.ts';
import { makeFakeDistribution, type FakeManner } from '../../../support/pulsar/fake-distribution.ts';
import { findFreePorts } from '../../../support/pulsar/free-port.ts';

let scratch: string;
let folder: string;
let opened: LocalPulsar[];
let ports: { readonly web: number; readonly broker: number };
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'starquake-local-'));
  folder = join(scratch, 'local');
  opened = [];
  const [web = 0, broker = 0] = await findFreePorts(2);
  ports = { web, broker };
});
afterEach(async () => {
  for (const pulsar of opened) await pulsar.stop();
  await rm(scratch, { recursive: true, force: true });
});

const openPulsar = async (manner: FakeManner = 'well'): Promise<LocalPulsar> => {
  const environment = await makeFakeDistribution(join(scratch, 'home'), manner);
  const pulsar = new LocalPulsar({ folder, fetched: join(scratch, 'fetched'), environment });
  opened.push(pulsar);
  return pulsar;
};

describe('a Pulsar of this machine', () => {
  it('is up when it was started, for other commands too, with all that is to know', async () => {
    await (await openPulsar()).start({ ports });
    const status = await (await openPulsar()).read();
    expect(status).toMatchObject({
      state: 'up',
      webUrl: `http://127.0.0.1:${ports.web}`,
      brokerUrl: `pulsar://127.0.0.1:${ports.broker}`,
      version: '4.0.8',
      data: folder,
      log: join(folder, 'logs', 'broker.log'),
    });
    expect(status.pid).toBeGreaterThan(0);
    expect(status.memoryMb).toBeGreaterThan(0);
  });

  it('that is started twice is started once', async () => {
    const pulsar = await openPulsar();
    await pulsar.start({ ports });
    const { pid } = await pulsar.read();
    await pulsar.start({ ports });
    expect((await pulsar.read()).pid).toBe(pid);
  });

  it('that two commands start at the same moment is started by one of them', async () => {
    const [first, second] = [await openPulsar(), await openPulsar()];
    const outcomes = await Promise.allSettled([first.start({ ports }), second.start({ ports })]);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toEqual([expect.objectContaining({ reason: expect.objectContaining({ code: 'DATA_IN_USE' }) })]);
    expect(await first.read()).toMatchObject({ state: 'up' });
  });

  it('is given settings in which each key stands once, and is reachable from this machine only', async () => {
    await (await openPulsar()).start({ ports });
    const lines = (await readFile(join(folder, 'standalone.conf'), 'utf8')).split('\n');
    expect(lines.filter((line) => line.startsWith('bindAddress'))).toEqual(['bindAddress=127.0.0.1']);
    expect(lines.filter((line) => line.startsWith('webServicePort'))).toEqual([`webServicePort=${ports.web}`]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'webSocketServiceEnabled=true',
        'webSocketMaxTextFrameSize=8388608',
        'activeConsumerFailoverDelayTimeMillis=100',
        'managedLedgerNewEntriesCheckDelayInMillis=0',
        'allowAutoTopicCreation=false',
      ]),
    );
  });

  it('that was ended is down, keeps its data, and takes the same ports the next time', async () => {
    const pulsar = await openPulsar();
    await pulsar.start({ ports });
    expect(await pulsar.stop()).toBe('ended');
    expect(await pulsar.read()).toMatchObject({ state: 'down', webUrl: `http://127.0.0.1:${ports.web}` });
    expect(await pulsar.stop()).toBeUndefined();
    expect(await pulsar.readPorts()).toEqual(ports);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it('that is purged leaves what is not its own', async () => {
    const pulsar = await openPulsar();
    await pulsar.start({ ports });
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await pulsar.purge();
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });

  it('that is purged leaves nothing', async () => {
    const pulsar = await openPulsar();
    await pulsar.start({ ports });
    expect(await pulsar.purge()).toBe('ended');
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await pulsar.purge()).toBeUndefined();
  });

  it('that does not come up says so with the end of its log, and can be started again', async () => {
    const broken = await openPulsar('broken');
    await expect(broken.start({ ports })).rejects.toMatchObject({
      code: 'PULSAR_FAILED',
      message: expect.stringContaining('The fake broker cannot read its metadata.'),
    });
    expect(await broken.read()).toMatchObject({ state: 'down' });
    await (await openPulsar('well')).start({ ports });
    expect(await broken.read()).toMatchObject({ state: 'up' });
  });

  it('that is not waited for any longer is ended', async () => {
    const sick = await openPulsar('sick');
    const interrupt = new AbortController();
    const starting = sick.start({ ports, signal: interrupt.signal, onStep: (text) => text.startsWith('waiting') && interrupt.abort() });
    await expect(starting).rejects.toMatchObject({ code: 'PULSAR_FAILED' });
    expect(await sick.read()).toMatchObject({ state: 'down' });
  });

  it('that runs and is not well is unhealthy', async () => {
    const environment = await makeFakeDistribution(join(scratch, 'home'), 'sick');
    const identity = await launchBroker({ home: join(scratch, 'home'), folder, ports, environment, detached: true });
    await writeFile(join(folder, 'local.json'), JSON.stringify({ ports, runner: { kind: 'process', home: '.', ...identity } }));
    const pulsar = await openPulsar('sick');
    expect(await pulsar.read()).toMatchObject({ state: 'unhealthy', pid: identity.pid });
  });

  it('PULSAR_HOME that is none is said, and nothing else is tried', async () => {
    const pulsar = new LocalPulsar({ folder, fetched: join(scratch, 'fetched'), environment: { PULSAR_HOME: scratch } });
    await expect(pulsar.start({ ports })).rejects.toMatchObject({ code: 'PULSAR_MISSING', message: expect.stringContaining(scratch) });
  });
});

describe('a process that only has the number of the broker', () => {
  it('is not taken for it, and not ended', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    try {
      await once(stranger, 'spawn');
      const pulsar = await openPulsar();
      await pulsar.start({ ports });
      await pulsar.stop();
      const runner = { kind: 'process', pid: stranger.pid, started: 'before the machine was started anew', home: '.' };
      await writeFile(join(folder, 'local.json'), JSON.stringify({ ports, runner }));
      expect(await pulsar.read()).toMatchObject({ state: 'down' });
      expect(await pulsar.stop()).toBeUndefined();
      expect(await identifyProcess(stranger.pid ?? 0)).toBeDefined();
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

describe('ending a process', () => {
  it('that does not end by itself is killed, and that is said', async () => {
    const environment = await makeFakeDistribution(join(scratch, 'home'), 'stubborn');
    const launch = { home: join(scratch, 'home'), folder, ports, environment, detached: true };
    const identity = await launchBroker(launch);
    // Only once it answers does it refuse to end.
    const answers = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${ports.web}/`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(answers, { timeout: 10_000 }).toBe(true);
    expect(await endProcess(identity, 0)).toBe('killed');
    expect(await isRunning(identity)).toBe(false);
    expect(await readMemoryMb(identity.pid)).toBeUndefined();
  });
});
