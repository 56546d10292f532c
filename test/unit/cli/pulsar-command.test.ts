// `starquake pulsar up|down|status` on a broker that only looks like one: what they say, and what they end with.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFakeDistribution } from '../../support/pulsar/fake-distribution.ts';
import { findFreePorts } from '../../support/pulsar/free-port.ts';
import { runCommand, type Outcome } from './fake-terminal.ts';

let scratch: string;
let environment: Record<string, string>;
let ports: readonly [web: number, broker: number];
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'starquake-pulsar-command-'));
  environment = await makeFakeDistribution(join(scratch, 'home'));
  const [web = 0, broker = 0] = await findFreePorts(2);
  ports = [web, broker];
});
afterEach(async () => {
  await pulsar('down');
  await rm(scratch, { recursive: true, force: true });
});

const pulsar = (command: 'up' | 'down' | 'status', ...words: readonly string[]): Promise<Outcome> =>
  runCommand(['pulsar', command, '--data', join(scratch, 'local'), ...words], { environment });
const up = (...words: readonly string[]): Promise<Outcome> =>
  pulsar('up', '--web-port', String(ports[0]), '--broker-port', String(ports[1]), ...words);

describe('pulsar up', () => {
  it('says where it is and what to do next, and the second time that it is up already', async () => {
    const first = await up();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Pulsar 4\.0\.8 is up\.\n/);
    expect(first.stdout).toContain(`dev --pulsar http://127.0.0.1:${ports[0]} --data `);
    expect((await pulsar('up')).stdout).toMatch(/^Pulsar 4\.0\.8 is up already\.\n/);
    expect(JSON.parse((await pulsar('up', '--json')).stdout)).toMatchObject({ state: 'up', wasUp: true });
  });

  it('takes no port that another process has, and says how to choose one', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(ports[1], '127.0.0.1', resolve));
    try {
      const refused = await up();
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/^ADDRESS_IN_USE: [^]*\nhint: .*--broker-port/);
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });

  it('does not move one that runs to other ports', async () => {
    await up();
    expect(await pulsar('up', '--web-port', String(ports[1]))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('starquake pulsar down'),
    });
  });

  it('shows the end of the log of one that does not come up', async () => {
    environment = { ...environment, FAKE_BROKER: 'broken' };
    const failed = await up();
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^PULSAR_FAILED: [^]*cannot read its metadata/);
  });
});

describe('pulsar status', () => {
  it('ends with 0 when it is up, and with 1 when it is not', async () => {
    expect(await pulsar('status')).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Pulsar is down\.\n/) });
    await up();
    expect(await pulsar('status')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Pulsar 4\.0\.8 is up\.\n.*\n.*\n {2}runs/) });
    expect(JSON.parse((await pulsar('status', '--json')).stdout)).toMatchObject({ state: 'up', version: '4.0.8' });
  });
});

describe('pulsar down', () => {
  it('ends it, says so, and is harmless when it is down', async () => {
    await up();
    expect(await pulsar('down')).toMatchObject({ code: 0, stdout: 'Pulsar is down.\n' });
    expect(await pulsar('down')).toMatchObject({ code: 0, stdout: 'Pulsar was not up.\n' });
    expect(JSON.parse((await pulsar('down', '--purge', '--json')).stdout)).toEqual({
      state: 'down',
      wasUp: false,
      wasKilled: false,
      purged: true,
    });
  });
});
