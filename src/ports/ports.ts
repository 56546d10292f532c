// All that a connector is given: one adapter of each port, and a source of names.
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Functions } from './functions.ts';
import type { PayloadStore } from './payload-store.ts';
import type { Registry } from './registry.ts';
import type { RunStore } from './run-store.ts';
import type { Telemetry } from './telemetry.ts';
import type { TimerStore } from './timer-store.ts';

/** One adapter of each port. */
export interface Ports {
  readonly bus: Bus;
  readonly runs: RunStore;
  readonly timers: TimerStore;
  readonly payloads: PayloadStore;
  readonly functions: Functions;
  readonly registry: Registry;
  readonly clock: Clock;
  /** A name that was never given before. */
  readonly newId: () => string;
  /** Says what went wrong and is being dealt with; a logger in production. */
  readonly report: (error: unknown, doing: string) => void;
  /** Used memory as a share of what this process may use; not bounded when left out. */
  readonly readMemoryShare?: () => number;
  /** Nobody watches when left out. */
  readonly telemetry?: Telemetry;
}
