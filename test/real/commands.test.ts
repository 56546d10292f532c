// The commands on a real Pulsar, as people use them: one brought up, its topics made, an engine run on it and killed, all taken down.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli, startDev, type DevProcess, type Ended } from '../end-to-end/dev-process.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { findFreePorts } from '../support/pulsar/free-port.ts';

const { missing } = findPulsar();
const app = resolve(import.meta.dirname, '../../workflows/booking/app.ts');
const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 480, zone: 'Europe/Paris', shortWait: '2s' };

const statusSchema = z.object({ state: z.string(), webUrl: z.string(), brokerUrl: z.string(), pid: z.int().exactOptional() });
const changesSchema = z.object({ changes: z.array(z.object({ text: z.string() })) });

let folder: string;
let webUrl: string;
let engine: DevProcess | undefined;

const local = (command: 'up' | 'down' | 'status', ...words: readonly string[]): Promise<Ended> =>
  runCli(['pulsar', command, '--data', join(folder, 'pulsar'), '--json', ...words]);
const readStatus = ({ stdout }: Ended): z.infer<typeof statusSchema> => statusSchema.parse(JSON.parse(stdout));
const applyTopics = async (...words: readonly string[]): Promise<{ readonly code: number | null; readonly texts: readonly string[] }> => {
  const { code, stdout } = await runCli(['topics', 'apply', app, '--pulsar', webUrl, '--inbox-partitions', '8', '--json', ...words]);
  return { code, texts: changesSchema.parse(JSON.parse(stdout)).changes.map(({ text }) => text) };
};
const startEngine = async (...words: readonly string[]): Promise<DevProcess> => {
  engine = await startDev([app, '--data', join(folder, 'data'), '--pulsar', webUrl, '--inbox-partitions', '8', ...words]);
  return engine;
};
const book = (url: string, runId: string, input: object, ...words: readonly string[]): Promise<Ended> =>
  runCli(['start', 'booking/book-trip', '--run-id', runId, '--url', url, '--json', '--input', JSON.stringify(input), ...words]);

describe.skipIf(missing !== '')(`the commands on a real Pulsar${missing}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-commands-'));
  });
  afterAll(async () => {
    await engine?.end('SIGKILL');
    await local('down', '--purge');
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  it('a Pulsar is brought up, outlives the command, and is up already the second time', async () => {
    const [web = 0, broker = 0] = await findFreePorts(2);
    const up = await local('up', '--web-port', String(web), '--broker-port', String(broker));
    expect(up).toMatchObject({ code: 0, stderr: '' });
    ({ webUrl } = readStatus(up));
    expect(readStatus(await local('status'))).toMatchObject({ state: 'up', webUrl: `http://127.0.0.1:${web}` });
    const again = await local('up');
    expect(JSON.parse(again.stdout)).toMatchObject({ wasUp: true, pid: readStatus(up).pid });
  });

  it('topics are planned, made, and then as they should be', async () => {
    const planned = await applyTopics('--dry-run');
    expect(planned.code).toBe(1);
    expect(planned.texts).toContain('+ the topic inbox, of 8 partitions');
    expect(planned.texts).toContain('+ the topic jobs.booking.book-flight, of 1 partition');
    expect(await applyTopics()).toEqual({ code: 0, texts: planned.texts });
    expect(await applyTopics('--dry-run')).toEqual({ code: 0, texts: [] });
    expect(await applyTopics()).toEqual({ code: 0, texts: [] });
  });

  it('an inbox that is there is not partitioned anew', async () => {
    const refused = await runCli(['topics', 'apply', '--pulsar', webUrl, '--inbox-partitions', '16', '--json']);
    expect(refused.code).toBe(4);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'TOPIC_FIXED', message: expect.stringContaining('8 partitions') } });
  });

  it('a trip is booked on it', async () => {
    const { url } = await startEngine();
    const booked = await book(url, 'trip-1', trip, '--wait');
    expect(booked.code).toBe(0);
    expect(JSON.parse(booked.stdout)).toMatchObject({ status: 'completed', output: { flight: { route: 'Paris - Rome' } } });
  });

  it.each(['native', 'websocket'])(
    'an engine that is killed while a run waits finishes the run when it is back, over %s',
    async (adapter) => {
      const isNative = adapter === 'native';
      const runId = `killed-${adapter}`;
      const before = engine;
      if (before === undefined) throw new Error('No engine runs.');
      await book(before.url, runId, { ...trip, shortWait: '4s' });
      await before.end('SIGKILL');
      // Whatever can be loaded here, for one of the two.
      const { url } = await startEngine(...(isNative ? [] : ['--pulsar-adapter', 'websocket']));
      const ended = await runCli(['await', runId, '--url', url, '--json', '--timeout', '60s']);
      expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'completed' });
    },
  );

  it('another data folder is refused on the same namespace, and the folder without it', async () => {
    await engine?.end('SIGTERM');
    const [own, other] = [join(folder, 'data'), join(folder, 'other')];
    for (const words of [
      ['--data', other, '--pulsar', webUrl, '--inbox-partitions', '8'],
      ['--data', own, '--pulsar', webUrl, '--namespace', 'starquake/other'],
      ['--data', own],
    ]) {
      const { code, stdout } = await runCli(['dev', app, '--port', '0', '--json', ...words]);
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'DATA_MISMATCH' } });
    }
  });

  it('the Pulsar is taken down, and is down', async () => {
    expect(JSON.parse((await local('down')).stdout)).toMatchObject({ wasUp: true, wasKilled: false });
    const status = await local('status');
    expect(status.code).toBe(1);
    expect(readStatus(status)).toMatchObject({ state: 'down', webUrl });
    expect(JSON.parse((await local('down')).stdout)).toMatchObject({ wasUp: false });
  });
});
