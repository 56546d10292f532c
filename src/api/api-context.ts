// What every route of the API works with.
import type { Ports } from '../ports/ports.ts';
import type { Projection } from '../query/projection.ts';

/** The ports that the API needs: it publishes and reads, the rest is the connector's. */
export type ApiPorts = Pick<Ports, 'bus' | 'payloads' | 'clock' | 'newId' | 'report'>;

/** What routes work with. */
export interface ApiContext {
  readonly ports: ApiPorts;
  readonly projection: Projection;
  /** How long a request may wait for its outcome, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Aborted when the API closes: whoever waits for a run is answered then, and asks again elsewhere. */
  readonly closing?: AbortSignal;
}
