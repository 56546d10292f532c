// Opens a bus on a cluster by whichever way loads: the native client, else WebSocket.
import { createNativePulsarBus } from '../../../src/adapters/pulsar/native-bus.ts';
import { loadNativeModule } from '../../../src/adapters/pulsar/native-client.ts';
import type { PulsarBus } from '../../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import type { ClusterCredentials } from '../cluster/start-cluster.ts';

/** The ways to reach Pulsar. */
export type Transport = 'native' | 'websocket';

/** Where a namespace is. */
export interface BusPlace extends ClusterCredentials {
  readonly webUrl: string;
  readonly brokerUrl: string;
  readonly tenant: string;
  readonly namespace: string;
}

/** The way that loads here. */
export const findTransport = (): Promise<Transport> =>
  loadNativeModule().then(
    () => 'native',
    () => 'websocket',
  );

/** Opens a bus. */
export const openBus = async (
  transport: Transport,
  access: BusPlace,
  report: (error: unknown, doing: string) => void,
): Promise<PulsarBus> => {
  const options = { access, clock: systemClock, report };
  return transport === 'native' ? await createNativePulsarBus(options) : createPulsarWebSocketBus(options);
};
