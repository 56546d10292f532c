// Runs a whole engine until it is interrupted, then lets it finish what is in hand.
import { resolve } from 'node:path';
import { startApi, type Api } from '../api/start-api.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { parseKeysPlace } from '../connector/service/keys-place.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { answer, answerError, type GlobalOptions } from './terminal/answer.ts';
import { checkPort } from './check-port.ts';
import { commandName } from './terminal/command-name.ts';
import { composeEngine, type Carrier, type Engine, type KeyringPlace } from './compose.ts';
import { tellTrip, trip } from './demo-trips.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import { findEntries } from './find-entries.ts';
import { readPulsarOptions, type PulsarOptions } from './options/pulsar-options.ts';
import { createReporter } from './report-trouble.ts';
import { withProgress, type Terminal } from './terminal/terminal.ts';

/** Options of `dev`. */
export interface DevOptions extends GlobalOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly memory?: boolean;
  readonly isolated?: boolean;
  /** Where the data keys of tenants are. */
  readonly keys?: string;
  readonly demo?: boolean;
}

/**
 * What `starquake dev` does.
 *
 * @throws ADDRESS_IN_USE, APP_INVALID, BUNDLE_FAILED, BUS_REFUSED, BUS_UNREACHABLE, DATA_IN_USE, DATA_MISMATCH, SETTINGS_INVALID
 */
export const runDev = async (terminal: Terminal, named: readonly string[], options: DevOptions): Promise<void> => {
  const entries = findEntries(named);
  const pulsar = readPulsarOptions(options, terminal);
  if (pulsar !== undefined && options.memory === true)
    throw new StarquakeError(
      'SETTINGS_INVALID',
      '--memory keeps nothing, but what is on a Pulsar stays there: the two do not go together.',
      {
        hint: 'Leave out --memory, or --pulsar (and STARQUAKE_PULSAR_URL).',
      },
    );
  await checkPort(options.port, options.host);
  const untilInterrupted = new AbortController();
  const interrupted = waitForInterrupt(terminal).then(() => untilInterrupted.abort());
  const engine = await bringUp(terminal, entries, options, pulsar);
  try {
    const api = await startApi(engine.ports, engine.projection, options);
    try {
      greet(terminal, engine, api, options);
      if (options.demo === true)
        await Promise.race([interrupted, tellTrip(engine, (line) => terminal.write(`${line}\n`), untilInterrupted.signal)]);
      await interrupted;
      terminal.complain('\nFinishing what is in hand; interrupt again to end at once.\n');
    } finally {
      await api.close();
    }
  } finally {
    await engine.stop();
  }
};

const bringUp = (
  terminal: Terminal,
  entries: readonly string[],
  { data, memory = false, json = false, isolated = false, keys }: DevOptions,
  pulsar: PulsarOptions | undefined,
): Promise<Engine> =>
  withProgress(terminal, 'starting …', () =>
    composeEngine({
      entries,
      watch: true,
      report: createReporter(terminal),
      onStuck: (error) => {
        answerError(terminal, json, error);
        terminal.quit(exitCodes.failed);
      },
      onRebuilt: ({ app }) => json || terminal.write(`${app} was built again.\n`),
      isolated,
      ...(keys !== undefined && { keys: readKeys(keys) }),
      ...(!memory && { folder: data }),
      ...(pulsar && { pulsar }),
    }),
  );

/** The stores of `dev` are on this machine, and so are its keys. */
const readKeys = (text: string): KeyringPlace => {
  const place = parseKeysPlace(text);
  if (place.kind === 'folder') return { ...place, folder: resolve(place.folder) };
  throw new StarquakeError('SETTINGS_INVALID', 'Keys of KMS are for connectors on AWS.', { hint: 'Name a folder: --keys file:./keys' });
};

/** npm passes a Ctrl-C on that the terminal has sent already: within this time it is the same one. */
const ECHO_MS = 500;

/** Resolves at the first wish to stop; the second ends the process. */
const waitForInterrupt = (terminal: Terminal): Promise<void> =>
  new Promise((resolve) => {
    let firstAt: number | undefined;
    terminal.onInterrupt(() => {
      firstAt ??= Date.now();
      if (Date.now() - firstAt > ECHO_MS) terminal.quit(exitCodes.failed);
      resolve();
    });
  });

const greet = (
  terminal: Terminal,
  { manifests, carrier }: Engine,
  { url }: Api,
  { data, memory = false, json = false }: DevOptions,
): void => {
  const apps = manifests.map(({ app, workflows }) => ({ app, workflows: workflows.map(({ name }) => name) }));
  answer(terminal, { json }, { url, apps, data: memory ? null : data, bus: carrier }, () =>
    [
      'Starquake is up.',
      `  API   ${url}  (what it offers: ${url}/openapi.json)`,
      ...apps.map(({ app, workflows }) => `  app   ${app}: ${workflows.join(', ')}`),
      `  data  ${memory ? 'in memory only' : data}`,
      ...describeCarrier(carrier),
      '',
      ...manifests.slice(0, 1).map(giveExample),
      'Stop it with Ctrl-C.',
      '',
    ].join('\n'),
  );
};

const describeCarrier = (carrier: Carrier): readonly string[] => {
  if (carrier.kind === 'embedded') return [];
  const { namespace, url, adapter, brokerUrl, lacksNative = false } = carrier;
  const overWebSocket = lacksNative ? 'over WebSocket, because the native client cannot be loaded here' : 'over WebSocket';
  return [`  bus   Pulsar, ${namespace} at ${url}, ${adapter === 'native' ? `native client to ${brokerUrl}` : overWebSocket}`];
};

const giveExample = ({ app, workflows }: Manifest): string =>
  `Start a run:  ${commandName} start ${app}/${workflows[0]?.name} --input '${app === 'booking' ? JSON.stringify(trip) : '{}'}' --wait`;
