// Opens an adapter of the bus on a real broker for the contract suite: each test has topics of its own, and time is real.
import { inject } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import type { Bus } from '../../src/ports/bus.ts';
import type { PulsarUnderTest } from '../support/pulsar/global-setup.ts';
import type { Harness, OpenHarness } from './harness.ts';

/** A bus that can be closed, as all on Pulsar can. */
export interface ClosableBus extends Bus {
  close(): Promise<void>;
}

/** Longer than the broker waits before a new owner of a partition is given messages. */
const QUIET_MS = 600;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The broker under test; no addresses, and a reason to put behind a name, where there is none. */
export interface FoundPulsar {
  readonly webUrl: string;
  readonly brokerUrl: string;
  readonly missing: string;
  /** Ends the broker and starts it again on its data. */
  readonly restart: () => Promise<void>;
}

const nothing = { webUrl: '', brokerUrl: '', restart: () => Promise.resolve() };

/** Finds the broker that was started for all tests. */
export const findPulsar = (): FoundPulsar => {
  const provided: PulsarUnderTest | undefined = inject('pulsar');
  // Nothing is provided where the tests run without a broker.
  if (provided === undefined) return { ...nothing, missing: ' (skipped: needs a real Pulsar, npm run test:real)' };
  if ('missing' in provided) return { ...nothing, missing: ` (skipped: ${provided.missing})` };
  const { webUrl, brokerUrl, restartUrl } = provided;
  const restart = async (): Promise<void> => {
    const answer = await fetch(restartUrl, { method: 'POST' });
    if (!answer.ok) throw new Error(`The broker did not come back: ${await answer.text()}`);
  };
  return { webUrl, brokerUrl, missing: '', restart };
};

/** How the suite opens an adapter. */
export const openOnPulsar =
  (open: () => ClosableBus | Promise<ClosableBus>): OpenHarness<Bus> =>
  async (): Promise<Harness<Bus>> => {
    let bus = await open();
    return {
      get port() {
        return bus;
      },
      clock: systemClock,
      passTime: pause,
      quiet: () => pause(QUIET_MS),
      reopen: async () => {
        await bus.close();
        bus = await open();
      },
      close: () => bus.close(),
    };
  };
