// The bus over WebSocket keeps the bus contract on a real broker.
import { describe, it } from 'vitest';
import { PulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { describeBus } from './describe-bus.ts';
import { findPulsar, openOnPulsar } from './pulsar-harness.ts';

const pulsar = findPulsar();

if ('missing' in pulsar) {
  describe('bus: Pulsar over WebSocket', () => {
    it.skip(`keeps the contract of the bus (${pulsar.missing})`);
  });
} else {
  const access = { webUrl: pulsar.webUrl, tenant: 'contract', namespace: 'websocket' };
  describeBus(
    'Pulsar over WebSocket',
    openOnPulsar(() => new PulsarWebSocketBus({ access, clock: systemClock, report: () => undefined })),
  );
}
