// Puts seals between the engine and everything that it keeps or sends.
import type { Keyring } from '../../ports/keyring.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { SealedBus, type ForErased } from './sealed-bus.ts';
import { sealPayloadStore } from './sealed-payload-store.ts';
import { refuseSealedRuns, sealRunStore } from './sealed-run-store.ts';
import { refuseSealedTimers, sealTimerStore } from './sealed-timer-store.ts';
import { TenantKeys } from './tenant-keys.ts';

type Sealable = Pick<Ports, 'bus' | 'runs' | 'timers' | 'payloads' | 'telemetry'>;

/** What went wrong is said in the author's words, which may quote anything. */
const hideFailures = (telemetry: Telemetry): Telemetry => ({
  count: (...given) => telemetry.count(...given),
  measure: (...given) => telemetry.measure(...given),
  watch: (...given) => telemetry.watch(...given),
  trace: ({ failure, ...span }) => telemetry.trace(failure === undefined ? span : { ...span, failure: 'sealed' }),
});

/** How ports are sealed. */
export interface SealOptions extends Pick<Ports, 'clock' | 'report'> {
  readonly keyring: Keyring | undefined;
  /** For messages to tenants whose key is erased. */
  readonly forErased: ForErased;
}

/**
 * Seals ports: bodies of messages, events of commits, timers, large values and archives can be read by nobody without the key of
 * their tenant. Clear remain run ids, versions, states, times, sizes, names of topics, and the ledger.
 *
 * Without a keyring the ports stay as they are, but runs that are sealed are left alone.
 */
export const sealPorts = <P extends Sealable>(ports: P, { keyring, clock, report, forErased }: SealOptions): P => {
  if (keyring === undefined) return { ...ports, runs: refuseSealedRuns(ports.runs), timers: refuseSealedTimers(ports.timers) };
  const keys = new TenantKeys(keyring, clock, report);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(clock.now() + ms, resolve));
  return {
    ...ports,
    bus: new SealedBus({ bus: ports.bus, keys, forErased, report, pause }),
    runs: sealRunStore(ports.runs, keys),
    timers: sealTimerStore(ports.timers, keys, report),
    payloads: sealPayloadStore(ports.payloads, keys),
    ...(ports.telemetry && { telemetry: hideFailures(ports.telemetry) }),
  };
};
