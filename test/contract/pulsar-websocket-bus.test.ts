// The bus over WebSocket keeps the bus contract on a real broker.
import { describe } from 'vitest';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { describeBus } from './describe-bus.ts';
import { findPulsar, openOnPulsar } from './pulsar-harness.ts';

const { webUrl, missing } = findPulsar();
const access = { webUrl, tenant: 'contract', namespace: 'websocket' };

describe.skipIf(missing !== '')(`on a real broker${missing}`, () => {
  describeBus(
    'Pulsar over WebSocket',
    openOnPulsar(() => createPulsarWebSocketBus({ access, clock: systemClock, report: () => undefined })),
  );
});
