// Opens the bus on Pulsar through whichever client there is: the native one where its addon can be loaded, else WebSocket.
import { topics } from '../../protocol/topics.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findBrokerUrl } from '../pulsar-admin/find-broker-url.ts';
import { defaultNamespaceSettings, type NamespaceSettings } from '../pulsar-admin/plan-topics.ts';
import type { NativeModule } from '../pulsar/native-client.ts';
import type { PulsarBus, PulsarBusOptions } from '../pulsar/pulsar-bus.ts';
import type { PulsarAccess } from '../pulsar-admin/pulsar-access.ts';

/** For one call of a Pulsar's administration: making 64 partitions takes its time. */
const ADMIN_TIMEOUT_MS = 30_000;

/** A Pulsar, and how it is to be spoken to. */
export interface PulsarChoice {
  readonly access: PulsarAccess;
  /** The binary protocol; looked up over the web service when left out. */
  readonly brokerUrl?: string;
  /** Whichever can be loaded when left out. */
  readonly adapter?: 'native' | 'websocket';
  readonly backlogLimitBytes?: number;
  readonly offloadThresholdBytes?: number;
}

/** A bus, and the way to its Pulsar. */
export interface OpenPulsarBus {
  readonly bus: PulsarBus;
  readonly adapter: 'native' | 'websocket';
  readonly brokerUrl?: string;
  /** The native client was wanted if it could be had. */
  readonly lacksNative?: true;
}

/** What the settings say of a namespace. */
export const makeNamespaceSettings = ({ backlogLimitBytes, offloadThresholdBytes }: PulsarChoice): NamespaceSettings => ({
  ...defaultNamespaceSettings,
  ...(backlogLimitBytes !== undefined && { backlogLimitBytes }),
  ...(offloadThresholdBytes !== undefined && { offloadThresholdBytes }),
});

/** The native client; undefined where it cannot be loaded and need not be. */
const loadNative = async (isWanted: boolean): Promise<NativeModule | undefined> => {
  const { loadNativeModule } = await import('../pulsar/native-client.ts');
  return await loadNativeModule().catch((error: unknown) => {
    if (isWanted || !(error instanceof StarquakeError) || error.code !== 'PULSAR_CLIENT_MISSING') throw error;
    return undefined;
  });
};

/**
 * Opens the bus; it connects when it is used.
 *
 * @throws PULSAR_CLIENT_MISSING when the native client is asked for and not there; BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT while its broker is looked up
 */
export const openPulsarBus = async (
  pulsar: PulsarChoice,
  { clock, report }: Pick<PulsarBusOptions, 'clock' | 'report'>,
): Promise<OpenPulsarBus> => {
  const { access, adapter, brokerUrl: named } = pulsar;
  const options: PulsarBusOptions = { access, clock, report, settings: makeNamespaceSettings(pulsar) };
  const native = adapter === 'websocket' ? undefined : await loadNative(adapter === 'native');
  if (native === undefined) {
    const { createPulsarWebSocketBus } = await import('../pulsar-websocket/pulsar-websocket-bus.ts');
    return { bus: createPulsarWebSocketBus(options), adapter: 'websocket', ...(adapter === undefined && { lacksNative: true }) };
  }
  const { createNativePulsarBus } = await import('../pulsar/native-bus.ts');
  const brokerUrl = named ?? (await findBrokerUrl(access, topics.inbox.name, ADMIN_TIMEOUT_MS));
  const bus = await createNativePulsarBus({ ...options, access: { ...access, brokerUrl } }, () => Promise.resolve(native));
  return { bus, adapter: 'native', brokerUrl };
};
