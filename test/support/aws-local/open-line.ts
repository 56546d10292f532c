// The whole line for one test: stand-ins of AWS with an app, a namespace on a real broker, connectors as processes, and what they have written.
import type { PulsarBus } from '../../../src/adapters/pulsar/pulsar-bus.ts';
import { writeInbox, type InboxDraft } from '../../../src/engine/outbox/derivation.ts';
import { openBus } from '../pulsar/open-bus.ts';
import { ConnectorService } from './connector-service.ts';
import { HistoryReader } from './history-reader.ts';
import { startAws, type LocalAws } from './start-aws.ts';

/** How to open a line. */
export interface LineOptions {
  /** Entry file of its app. */
  readonly entry: string;
  readonly jobs?: 'together' | 'each';
  readonly webUrl: string;
  readonly brokerUrl: string;
  /** Its namespace begins with it. */
  readonly name: string;
}

/** The whole line. */
export interface Line {
  readonly aws: LocalAws;
  readonly bus: PulsarBus;
  readonly history: HistoryReader;
  /** Tenant and namespace. */
  readonly namespace: string;
  /**
   * Starts a connector, and waits until it takes messages.
   *
   * @param root - folder of its release; this one's unless given
   */
  startConnector(
    settings?: Readonly<Record<string, string>>,
    root?: string,
  ): Promise<{ readonly connector: ConnectorService; readonly health: string }>;
  send(drafts: readonly InboxDraft[]): Promise<void>;
  close(): Promise<void>;
}

const CALL = { timeoutMs: 30_000 };
const TENANT = 'starquake';
export const LINE_PARTITIONS = 8;

/** Opens it; the first connector that is started makes the topics. */
export const openLine = async ({ entry, jobs, webUrl, brokerUrl, name }: LineOptions): Promise<Line> => {
  const namespace = `${name}-${Date.now().toString(36)}`;
  const connectors: ConnectorService[] = [];
  const aws = await startAws(entry, jobs);
  const bus = await openBus({ webUrl, brokerUrl, tenant: TENANT, namespace }).catch(async (error: unknown) => {
    await aws.stop();
    throw error;
  });
  return {
    aws,
    bus,
    history: new HistoryReader(bus),
    namespace: `${TENANT}/${namespace}`,
    startConnector: async (settings = {}, root) => {
      const environment = {
        ...aws.environment,
        STARQUAKE_PULSAR_URL: webUrl,
        STARQUAKE_PULSAR_NAMESPACE: `${TENANT}/${namespace}`,
        STARQUAKE_INBOX_PARTITIONS: String(LINE_PARTITIONS),
        ...settings,
      };
      const connector = new ConnectorService(environment, root);
      connectors.push(connector);
      return { connector, health: await connector.waitUntilReady() };
    },
    send: (drafts) =>
      bus.publish(
        drafts.map((draft) => writeInbox(draft)),
        CALL,
      ),
    close: async () => {
      await Promise.all(connectors.map((connector) => connector.end('SIGKILL')));
      await bus.close();
      await aws.stop();
    },
  };
};
