// The whole line for a restore: stand-ins of AWS, a namespace whose messages can be read again, connectors as processes, and the means to put tables back.
import type { PulsarBus } from '../../../src/adapters/pulsar/pulsar-bus.ts';
import { writeInbox, type InboxDraft } from '../../../src/engine/outbox/derivation.ts';
import { ConnectorService } from '../aws-local/connector-service.ts';
import { HistoryReader } from '../aws-local/history-reader.ts';
import { startAws, type LocalAws } from '../aws-local/start-aws.ts';
import { webSocketAdapter } from '../pulsar/open-bus.ts';
import type { Tables } from './tables.ts';
import { readRuns, type TableRun } from './read-tables.ts';

/** The line. */
export interface RestoredLine {
  readonly aws: LocalAws;
  readonly tables: Tables;
  /** Tenant and namespace. */
  readonly namespace: string;
  readonly bus: PulsarBus;
  readonly history: HistoryReader;
  /** Starts the one connector, and waits until it takes messages. */
  startConnector(settings?: Readonly<Record<string, string>>): Promise<void>;
  /** Kills it, as it stands. */
  killConnector(): Promise<void>;
  send(drafts: readonly InboxDraft[]): Promise<void>;
  read(runs: Iterable<string>): Promise<readonly TableRun[]>;
  close(): Promise<void>;
}

const CALL = { timeoutMs: 30_000 };
const TENANT = 'starquake';
const PARTITIONS = '4';
/** What was acked can be read again: in a deployment as far back as the defaults of its brokers say, here as far as it goes. */
const RETAINED = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };

const retain = async (webUrl: string, namespace: string): Promise<void> => {
  const answer = await fetch(`${webUrl}/admin/v2/namespaces/${namespace}/retention`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(RETAINED),
  });
  if (!answer.ok) throw new Error(`The broker did not take the retention: ${await answer.text()}`);
};

const findTables = ({ environment }: LocalAws): Tables => {
  const find = (name: string): string => environment[name] ?? '';
  const credentials = { accessKeyId: find('AWS_ACCESS_KEY_ID'), secretAccessKey: find('AWS_SECRET_ACCESS_KEY') };
  return {
    place: { region: find('AWS_REGION'), endpoint: find('AWS_ENDPOINT_URL_DYNAMODB'), credentials },
    prefix: find('STARQUAKE_TABLE_PREFIX'),
  };
};

/** Opens it with a connector that runs. */
export const openRestoredLine = async ({
  webUrl,
  brokerUrl,
}: {
  readonly webUrl: string;
  readonly brokerUrl: string;
}): Promise<RestoredLine> => {
  const name = `restore-${Date.now().toString(36)}`;
  const namespace = `${TENANT}/${name}`;
  const aws = await startAws('test/support/restore/app/app.ts', 'together');
  const tables = findTables(aws);
  const bus = await webSocketAdapter.open({ webUrl, brokerUrl, tenant: TENANT, namespace: name });
  let connector: ConnectorService | undefined;
  const killConnector = async (): Promise<void> => void (await connector?.end('SIGKILL'));
  const startConnector = async (settings: Readonly<Record<string, string>> = {}): Promise<void> => {
    const bound = { STARQUAKE_PULSAR_URL: webUrl, STARQUAKE_PULSAR_NAMESPACE: namespace, STARQUAKE_INBOX_PARTITIONS: PARTITIONS };
    connector = new ConnectorService({ ...aws.environment, ...bound, ...settings });
    await connector.waitUntilReady();
  };
  const close = async (): Promise<void> => {
    await killConnector();
    await bus.close();
    await aws.stop();
  };
  try {
    await startConnector();
    await retain(webUrl, namespace);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    aws,
    tables,
    namespace,
    bus,
    history: new HistoryReader(bus),
    startConnector,
    killConnector,
    send: (drafts) =>
      bus.publish(
        drafts.map((draft) => writeInbox(draft)),
        CALL,
      ),
    read: (runs) => readRuns(tables.place, tables.prefix, runs),
    close,
  };
};
