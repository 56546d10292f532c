// Runs a connector as a service: answers for its health from the first moment on, drains when it is asked to end, ends when it is stuck.
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Ports } from '../ports/ports.ts';
import { startConnector } from './connector.ts';
import type { ConnectorSettings } from './context/settings.ts';
import { startHealthServer } from './service/health-server.ts';

/** What a service is made of. */
export interface ServiceParts {
  readonly ports: Ports;
  readonly settings: Partial<ConnectorSettings>;
  readonly health: { readonly host: string; readonly port: number };
  readonly readMetrics: () => Promise<string>;
  /** Says what happens, for whoever reads the log. */
  readonly tell: (message: string, about?: Readonly<Record<string, string | number | boolean>>) => void;
  /** Resolves when the service is asked to end. */
  readonly ended: Promise<string>;
  /** Called when it begins to end: a client that hangs must not keep the process. */
  readonly armDeadline: () => void;
}

/** How a service ended: it was asked to, or it made no step any more. */
export type ServiceEnd = 'drained' | 'stuck';

/**
 * Runs until it is asked to end, or is stuck.
 *
 * @throws ADDRESS_IN_USE, and whatever keeps the connector from starting
 */
export const runService = async ({ ports, settings, health, readMetrics, tell, ended, armDeadline }: ServiceParts): Promise<ServiceEnd> => {
  let phase: string | undefined = 'it is starting';
  const givenUp = new Set<string>();
  const report: Ports['report'] = (error, doing) => {
    if (error instanceof StarquakeError && (error.code === 'UPGRADE_ME' || error.code === 'KEYS_MISSING')) givenUp.add(error.message);
    ports.report(error, doing);
  };
  const listObstacles = (): readonly string[] => [...(phase === undefined ? [] : [phase]), ...givenUp];
  const server = await startHealthServer({ listObstacles, readMetrics }, health.host, health.port);
  try {
    const stuck = Promise.withResolvers<'stuck'>();
    const starting = startConnector({ ...ports, report }, settings, (error) => {
      report(error, 'watching partitions');
      stuck.resolve('stuck');
    });
    const connector = await Promise.race([starting, ended.then(() => undefined)]);
    if (connector === undefined) {
      // What it has begun ends with the process; nothing was promised yet.
      starting.catch((error: unknown) => report(error, 'starting'));
      tell('ended', { end: 'drained' });
      return 'drained';
    }
    phase = undefined;
    tell('ready', { healthPort: server.port });
    const asked = ended.then((why) => {
      tell('draining', { why });
      return 'drained' as const;
    });
    const end = await Promise.race([asked, stuck.promise]);
    phase = 'it is draining';
    armDeadline();
    await connector.stop();
    tell('ended', { end });
    return end;
  } finally {
    await server.close();
  }
};
