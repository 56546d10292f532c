// The one list of adapters of the bus on a real broker: which of them load here, and which one a test takes when any will do.
import { createNativePulsarBus } from '../../../src/adapters/pulsar/native-bus.ts';
import { loadNativeModule } from '../../../src/adapters/pulsar/native-client.ts';
import type { PulsarBus } from '../../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';

/** Where a broker is, and in which namespace a test works. */
export interface BusPlace {
  readonly webUrl: string;
  readonly brokerUrl: string;
  readonly tenant: string;
  readonly namespace: string;
}

type Report = (error: unknown, doing: string) => void;

/** A way to open a bus. */
export interface BusAdapter {
  /** Such as `native`. */
  readonly name: string;
  /** Empty where it loads; else a reason to put behind a name. */
  readonly missing: string;
  readonly open: (place: BusPlace, report?: Report) => Promise<PulsarBus>;
}

const ignore: Report = () => undefined;

const findMissing = async (): Promise<string> => {
  try {
    await loadNativeModule();
    return '';
  } catch (error) {
    return ` (skipped: ${error instanceof Error ? error.message : String(error)})`;
  }
};

/** Over the native client, where its addon can be loaded. */
export const nativeAdapter: BusAdapter = {
  name: 'native',
  missing: await findMissing(),
  open: (access, report = ignore) => createNativePulsarBus({ access, clock: systemClock, report }),
};

/** Over WebSocket, which needs nothing. */
export const webSocketAdapter: BusAdapter = {
  name: 'WebSocket',
  missing: '',
  open: async (access, report = ignore) => createPulsarWebSocketBus({ access, clock: systemClock, report }),
};

/** All adapters, the native one first. */
export const busAdapters: readonly BusAdapter[] = [nativeAdapter, webSocketAdapter];

/** Opens a bus through the first adapter that loads. */
export const openBus = (place: BusPlace, report?: Report): Promise<PulsarBus> =>
  (nativeAdapter.missing === '' ? nativeAdapter : webSocketAdapter).open(place, report);
