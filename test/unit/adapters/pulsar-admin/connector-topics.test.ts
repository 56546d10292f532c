// A connector on a Pulsar makes all topics when it starts, and those of an app's jobs when it takes the app up.
import { resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createNativePulsarBus } from '../../../../src/adapters/pulsar/native-bus.ts';
import { PulsarAdmin } from '../../../../src/adapters/pulsar-admin/pulsar-admin.ts';
import { systemClock } from '../../../../src/adapters/system-clock/system-clock.ts';
import { composeTestEngine } from '../../../support/pulsar/compose-engine.ts';
import { startMemoryPulsar } from '../../../support/pulsar/memory-pulsar.ts';

const TIMEOUT_MS = 5000;
const probe = resolve(import.meta.dirname, '../../../support/apps/probe/app.ts');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

it('the topics of every namespace and of the jobs of an app are there when a connector runs', async () => {
  const pulsar = await startMemoryPulsar(systemClock);
  closers.push(() => pulsar.close());
  const access = { webUrl: pulsar.webUrl, brokerUrl: 'pulsar://in-memory', tenant: 't', namespace: 'n' };
  const bus = await createNativePulsarBus({ access, clock: systemClock, report: () => undefined }, pulsar.load);
  closers.push(() => bus.close());
  const engine = await composeTestEngine({ entries: [probe], bus, settings: { inboxPartitions: 4 } });
  closers.push(() => engine.stop());

  const admin = new PulsarAdmin(access);
  const [manifest] = await engine.ports.registry.list({ timeoutMs: TIMEOUT_MS });
  const jobs = manifest?.jobs.map(({ name }) => `jobs.probe.${name}`) ?? [];
  expect(jobs.length).toBeGreaterThan(0);
  const names = ['inbox', 'retries', 'timers', 'history', 'usage', 'dead-letters', ...jobs];
  const counts = await Promise.all(names.map(async (name) => [name, await admin.countPartitions(name, TIMEOUT_MS)]));
  expect(Object.fromEntries(counts)).toEqual({
    inbox: 4,
    retries: 1,
    timers: 1,
    history: 4,
    usage: 1,
    'dead-letters': 1,
    ...Object.fromEntries(jobs.map((name) => [name, 1])),
  });
});
