// Starts the whole line that the benchmark measures: broker, stand-ins of AWS, counting proxies before them, and a reader of results.
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { followHistory } from '../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../src/query/projection.ts';
import { ConnectorService } from '../../test/support/aws-local/connector-service.ts';
import { startAws, type LocalAws } from '../../test/support/aws-local/start-aws.ts';
import { openBus } from '../../test/support/pulsar/open-bus.ts';
import { startStandalone } from '../../test/support/pulsar/start-standalone.ts';
import type { BusPlace } from './bus-bytes.ts';
import { openCountingProxy, type CountingProxy } from './counting-proxy.ts';
import { createDecisionCount, type DecisionCount } from './decision-count.ts';
import { createStoreWrites, type StoreWrites } from './store-writes.ts';

/** Links that are measured, by where they go. */
export type Links = Readonly<Record<'store' | 'functions' | 'payload store', CountingProxy>>;

/** The line, without a connector. */
export interface Line {
  readonly bus: PulsarBus;
  readonly projection: Projection;
  readonly aws: LocalAws;
  readonly place: BusPlace;
  readonly links: Links;
  readonly writes: StoreWrites;
  readonly decisions: DecisionCount;
}

/** A connector of the line. */
export interface Connector {
  /** URL of its health port. */
  readonly health: string;
  end(): Promise<void>;
}

const report = (error: unknown, doing: string): void => console.error(doing, error);

const openLinks = async (aws: LocalAws, writes: StoreWrites, decisions: DecisionCount): Promise<Links> => {
  const endpointOf = (service: string): string => aws.environment[`AWS_ENDPOINT_URL_${service}`] ?? '';
  return {
    store: await openCountingProxy(endpointOf('DYNAMODB'), writes.take),
    functions: await openCountingProxy(endpointOf('LAMBDA'), decisions.take),
    'payload store': await openCountingProxy(endpointOf('S3')),
  };
};

/** Starts the line, measures on it, and ends it. */
export const onLine = async <T>(entry: string, measure: (line: Line) => Promise<T>): Promise<T> => {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const broker = await startStandalone();
    closers.push(() => broker.stop());
    const aws = await startAws(entry);
    closers.push(() => aws.stop());
    const [writes, decisions] = [createStoreWrites(), createDecisionCount()];
    const links = await openLinks(aws, writes, decisions);
    closers.push(() => Promise.all(Object.values(links).map((link) => link.stop())));
    const place = { webUrl: broker.webUrl, brokerUrl: broker.brokerUrl, tenant: 'starquake', namespace: 'bench-aws-local' };
    // The first connector makes the topics that are read here.
    await onConnector({ aws, place, links }, {}, () => Promise.resolve());
    const bus = await openBus(place, report);
    closers.push(() => bus.close());
    const projection = createProjection(systemClock);
    const follower = await followHistory(bus, projection, report);
    closers.push(() => follower.stop());
    return await measure({ bus, projection, aws, place, links, writes, decisions });
  } finally {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  }
};

/**
 * Runs a connector for as long as it is measured.
 *
 * @param settings - variables of its environment; those that name a service of AWS are what is measured without proxies
 */
export const onConnector = async <T>(
  { aws, place, links }: Pick<Line, 'aws' | 'place' | 'links'>,
  settings: Readonly<Record<string, string>>,
  measure: (connector: Connector) => Promise<T>,
): Promise<T> => {
  const service = new ConnectorService({
    ...aws.environment,
    AWS_ENDPOINT_URL_DYNAMODB: links.store.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: links.functions.endpoint,
    AWS_ENDPOINT_URL_S3: links['payload store'].endpoint,
    STARQUAKE_PULSAR_URL: place.webUrl,
    STARQUAKE_PULSAR_NAMESPACE: `${place.tenant}/${place.namespace}`,
    STARQUAKE_INBOX_PARTITIONS: '8',
    ...settings,
  });
  try {
    const health = await service.waitUntilReady();
    return await measure({ health, end: async () => void (await service.end('SIGTERM')) });
  } finally {
    await service.end('SIGTERM');
  }
};
