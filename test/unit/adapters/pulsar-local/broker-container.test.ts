// The command lines that a container engine is given; none runs here.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findContainerEngine, makeContainerWords, type RunCommand } from '../../../../src/adapters/pulsar-local/broker-container.ts';
import { LocalPulsar } from '../../../../src/adapters/pulsar-local/local-pulsar.ts';

const refuse = (): Promise<string> => Promise.reject(new Error('no such command'));

describe('the engine', () => {
  it('is the first that answers', async () => {
    expect(await findContainerEngine(() => Promise.resolve(''))).toBe('docker');
    expect(await findContainerEngine((command) => (command === 'podman' ? Promise.resolve('') : refuse()))).toBe('podman');
    expect(await findContainerEngine(refuse)).toBeUndefined();
  });
});

describe('the command line of a container', () => {
  const words = makeContainerWords({ name: 'starquake-pulsar-1', ports: { web: 18_080, broker: 16_650 } });

  it('offers the ports on the loopback address only, the same inside and outside', () => {
    expect(words.flatMap((word, i) => (words[i - 1] === '--publish' ? [word] : []))).toEqual([
      '127.0.0.1:18080:18080',
      '127.0.0.1:16650:16650',
    ]);
    expect(words).toEqual(
      expect.arrayContaining([
        'PULSAR_PREFIX_webServicePort=18080',
        'PULSAR_PREFIX_brokerServicePort=16650',
        'PULSAR_PREFIX_bindAddress=0.0.0.0',
        'PULSAR_PREFIX_advertisedAddress=127.0.0.1',
      ]),
    );
  });

  it('has the settings of every local broker, and runs the image of the same version', () => {
    expect(words).toEqual(
      expect.arrayContaining([
        'starquake-pulsar-1:/pulsar/data',
        'PULSAR_PREFIX_webSocketServiceEnabled=true',
        'PULSAR_PREFIX_managedLedgerNewEntriesCheckDelayInMillis=0',
        'PULSAR_PREFIX_allowAutoTopicCreation=false',
        expect.stringMatching(/^PULSAR_MEM=/),
      ]),
    );
    expect(words.slice(-4)).toEqual([
      'apachepulsar/pulsar:4.0.8',
      'sh',
      '-c',
      'bin/apply-config-from-env.py conf/standalone.conf && exec bin/pulsar standalone --no-functions-worker --no-stream-storage',
    ]);
  });
});

describe('a Pulsar where there is a container engine and nothing else', () => {
  let scratch: string;
  let web: Server;
  let runs: string[];
  let isUp: boolean;
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'starquake-container-'));
    [runs, isUp] = [[], false];
    web = createServer((_, response) => response.end('ok'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    web.closeAllConnections();
    web.close();
    await rm(scratch, { recursive: true, force: true });
  });

  /** An engine that has at most one container, and remembers what it was asked for. */
  const run: RunCommand = (command, words) => {
    const [first = ''] = words;
    if (first !== 'ps') runs.push(`${command} ${first}`);
    if (first === 'run' || first === 'stop') isUp = first === 'run';
    if (first === 'inspect') return Promise.resolve('143\n');
    if (first === 'volume') return Promise.resolve('starquake-pulsar-1\n');
    return Promise.resolve(first === 'ps' && isUp ? 'a1b2c3\n' : '');
  };

  it('runs it in a container, finds it again, ends it and removes its data', async () => {
    const address = web.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    // A folder in which nothing can be fetched, so that there is no distribution.
    const fetched = join(scratch, 'nothing\0');
    const options = { folder: join(scratch, 'local'), fetched, environment: {}, run };
    const pulsar = new LocalPulsar(options);
    await pulsar.start({ ports: { web: port, broker: 6650 } });
    expect(await new LocalPulsar(options).read()).toMatchObject({
      state: 'up',
      container: expect.stringMatching(/^starquake-pulsar-[0-9a-f]{8}$/),
    });
    expect(await pulsar.purge()).toBe('ended');
    expect(await pulsar.read()).toMatchObject({ state: 'down' });
    expect(runs).toEqual(['docker info', 'docker run', 'docker stop', 'docker inspect', 'docker volume', 'docker volume']);
  });

  it('says that nothing can be had where no engine answers either', async () => {
    const options = { folder: join(scratch, 'local'), fetched: join(scratch, 'nothing\0'), environment: {}, run: refuse };
    await expect(new LocalPulsar(options).start({ ports: { web: 1, broker: 2 } })).rejects.toMatchObject({
      code: 'PULSAR_MISSING',
      message: expect.stringContaining('No container engine answers either.'),
    });
  });
});
