// Ports that are sealed keep the contracts of their ports: what is inside cannot tell, and what is outside cannot read.
import { randomBytes } from 'node:crypto';
import type { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { sealPorts } from '../../src/adapters/sealed/seal-ports.ts';
import type { Keyring } from '../../src/ports/keyring.ts';
import { describeBus } from './describe-bus.ts';
import { describePayloadStore } from './describe-payload-store.ts';
import { describeRunStore } from './describe-run-store.ts';
import { describeTimerStore } from './describe-timer-store.ts';
import { openEmbedded, type EmbeddedMode } from './embedded-harness.ts';
import type { OpenHarness } from './harness.ts';

type Sealed = Pick<EmbeddedStore, 'bus' | 'runs' | 'timers' | 'payloads'>;

const makeKeyring = (): Keyring => {
  const keys = new Map<string, Uint8Array>();
  return {
    findKey: async (tenant) => {
      const key = keys.get(tenant) ?? new Uint8Array(randomBytes(32));
      keys.set(tenant, key);
      return key;
    },
    eraseKey: async (tenant) => void keys.delete(tenant),
  };
};

const openSealed =
  <P>(mode: EmbeddedMode, pick: (ports: Sealed) => P): OpenHarness<P> =>
  async () => {
    const keyring = makeKeyring();
    const sealed = new WeakMap<EmbeddedStore, P>();
    const harness = await openEmbedded(mode, (store) => {
      const options = {
        keyring,
        clock: { now: () => 0, setTimer: () => () => undefined },
        report: () => undefined,
        forErased: 'refuse',
      } as const;
      const { bus, runs, timers, payloads } = store;
      const port = sealed.get(store) ?? pick(sealPorts({ bus, runs, timers, payloads }, options));
      sealed.set(store, port);
      return port;
    })();
    return harness;
  };

describeBus(
  'sealed, on disk',
  openSealed('disk', ({ bus }) => bus),
);
describeRunStore(
  'sealed, on disk',
  openSealed('disk', ({ runs }) => runs),
);
describeTimerStore(
  'sealed, on disk',
  openSealed('disk', ({ timers }) => timers),
);
describePayloadStore(
  'sealed, on disk',
  openSealed('disk', ({ payloads }) => payloads),
  { isSealed: true },
);
describePayloadStore(
  'sealed, in memory',
  openSealed('memory', ({ payloads }) => payloads),
  { isSealed: true },
);
