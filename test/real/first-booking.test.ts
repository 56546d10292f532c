// Books the first trip as docs/deploy.md says, with the very commands of the page: Pulsar's own client speaks to a real broker, and an
// engine takes what it said for the start of a run. Machines, tokens and certificates are not part of this.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDistribution } from '../../src/adapters/pulsar-local/find-distribution.ts';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { readDocument } from '../docs/read-document.ts';
import { splitCommands } from '../docs/split-commands.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';
import { openBus } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const run = promisify(execFile);
const LONGEST_MS = 90_000;
const RUN = 'trip-1';
const namespace = `first-booking-${Date.now().toString(36)}`;

let scratch: string;
let bus: PulsarBus;
let engine: TestEngine;
beforeAll(async () => {
  if (missing !== '') return;
  scratch = await mkdtemp(join(tmpdir(), 'starquake-first-booking-'));
  await writeFile(join(scratch, 'client.conf'), `webServiceUrl=${webUrl}\nbrokerServiceUrl=${brokerUrl}\n`);
  bus = await openBus({ webUrl, brokerUrl, tenant: 'deployed', namespace });
  engine = await composeTestEngine({ entries: ['workflows/booking/app.ts'], bus });
}, 180_000);
afterAll(async () => {
  if (missing !== '') return;
  await engine.stop();
  await bus.close();
  await rm(scratch, { recursive: true, force: true });
});

/** The page's command that does so, with what it says to Pulsar's client; the namespace is this test's own. */
const readCommand = async (does: string): Promise<readonly string[]> => {
  const { blocks } = await readDocument('docs/deploy.md');
  const commands = blocks.flatMap(({ text }) => splitCommands(text)).map(({ words }) => words);
  const [words = []] = commands.filter(
    ([program, client, verb]) => program === '/opt/starquake/bin/tool' && client === 'pulsar-client' && verb === does,
  );
  return words.slice(2).map((word) => word.replace('starquake/main', `deployed/${namespace}`));
};

const runClient = async (words: readonly string[]): Promise<string> => {
  const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
  const env = { ...process.env, PULSAR_CLIENT_CONF: join(scratch, 'client.conf'), PULSAR_MEM: '-Xmx128m' };
  const { stdout } = await run(join(home, 'bin', 'pulsar-client'), [...words], { timeout: LONGEST_MS, env });
  return stdout;
};

describe.skipIf(missing !== '')(`the first booking${missing}`, () => {
  it('is started by what the page says, once, and can be seen on `history` as the page says', async () => {
    await runClient(await readCommand('produce'));
    // All is booked once it waits for Monday.
    const findTimer = (): number | undefined => engine.projection.find(RUN)?.timers.size || undefined;
    expect(await engine.projection.waitUntil(RUN, findTimer, { timeoutMs: LONGEST_MS })).toBe(1);
    expect(engine.projection.find(RUN)).toMatchObject({ status: 'running', said: 'waiting for Monday morning' });
    const shown = await runClient(await readCommand('consume'));
    expect(shown.match(/key:\[trip-1\]/g)).toHaveLength(3);
    expect(engine.troubles).toEqual([]);
  }, 200_000);
});
