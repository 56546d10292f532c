// What every loop of a connector is given.
import type { Ports } from '../../ports/ports.ts';
import type { Calls } from './calls.ts';
import type { Deployments } from './deployments.ts';
import type { Gate } from './gate.ts';
import type { Meter } from './meter.ts';
import type { PayloadAccess } from './payload-access.ts';
import type { ConnectorSettings } from './settings.ts';

/** What every loop of a connector is given. */
export interface ConnectorContext {
  readonly ports: Ports;
  readonly settings: ConnectorSettings;
  readonly calls: Calls;
  readonly deployments: Deployments;
  readonly gate: Gate;
  readonly meter: Meter;
  readonly payloads: PayloadAccess;
}

/** A loop that runs until it is stopped. */
export interface Loop {
  /** Reads no more, finishes what is in hand. */
  stop(): Promise<void>;
}
