// The bus over the native client keeps the bus contract on a real broker, where its addon can be loaded.
import { describe } from 'vitest';
import { nativeAdapter } from '../support/pulsar/open-bus.ts';
import { describeBus } from './describe-bus.ts';
import { findPulsar, openOnPulsar } from './pulsar-harness.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const reason = missing === '' ? nativeAdapter.missing : missing;

describe.skipIf(reason !== '')(`on a real broker${reason}`, () => {
  describeBus(
    'Pulsar over the native client',
    openOnPulsar(() => nativeAdapter.open({ webUrl, brokerUrl, tenant: 'contract', namespace: 'native' })),
  );
});
