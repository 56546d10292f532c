// The bus over the native client keeps the bus contract on a real broker, where its addon can be loaded.
import { describe, expect, it } from 'vitest';
import { createNativePulsarBus } from '../../src/adapters/pulsar/native-bus.ts';
import { loadNativeModule } from '../../src/adapters/pulsar/native-client.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { describeBus } from './describe-bus.ts';
import { findPulsar, openOnPulsar } from './pulsar-harness.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const access = { webUrl, brokerUrl, tenant: 'contract', namespace: 'native' };
const unloadable = await loadNativeModule().then(
  () => '',
  (error: unknown) => ` (skipped: ${error instanceof Error ? error.message : String(error)})`,
);
const reason = missing === '' ? unloadable : missing;

describe.skipIf(reason !== '')(`on a real broker${reason}`, () => {
  describeBus(
    'Pulsar over the native client',
    openOnPulsar(() => createNativePulsarBus({ access, clock: systemClock, report: () => undefined })),
  );
});

describe.skipIf(unloadable === '')('where the native client cannot be loaded', () => {
  it('making the bus says so, and what to do', async () => {
    const making = createNativePulsarBus({ access, clock: systemClock, report: () => undefined });
    await expect(making).rejects.toMatchObject({ code: 'PULSAR_CLIENT_MISSING' });
  });
});
