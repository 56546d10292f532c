// Brings a Pulsar of this machine up, looks at it, and takes it down.
import { StarquakeError } from '../protocol/starquake-error.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { checkPort } from './check-port.ts';
import { commandName } from './terminal/command-name.ts';
import { openLocalPulsar, type LocalPulsar, type LocalPulsarStatus } from './compose.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import { formatMoment } from './terminal/format.ts';
import { FETCHED_DISTRIBUTIONS, LOCAL_DATA } from './local-folders.ts';
import { withProgress, type Terminal } from './terminal/terminal.ts';

/** Options of the commands. */
export interface LocalOptions extends GlobalOptions {
  readonly data: string;
  readonly webPort?: number;
  readonly brokerPort?: number;
  readonly purge?: boolean;
}

const USUAL_PORTS = { web: 8080, broker: 6650 };
const HOST = '127.0.0.1';
/** Not where an engine without a Pulsar has its runs: those stay where their messages are. */
const ENGINE_DATA = '.starquake/on-pulsar';

const openPulsar = ({ environment = {} }: Terminal, { data }: LocalOptions): LocalPulsar =>
  openLocalPulsar({ folder: data, fetched: FETCHED_DISTRIBUTIONS, environment });

/**
 * What `starquake pulsar up` does.
 *
 * @throws ADDRESS_IN_USE, PULSAR_FAILED, PULSAR_MISSING, SETTINGS_INVALID
 */
export const bringUpPulsar = async (terminal: Terminal, options: LocalOptions): Promise<void> => {
  const pulsar = openPulsar(terminal, options);
  const before = await pulsar.read();
  const known = (await pulsar.readPorts()) ?? USUAL_PORTS;
  const ports = { web: options.webPort ?? known.web, broker: options.brokerPort ?? known.broker };
  if (before.state === 'down') {
    await checkPort(ports.web, HOST, 'Choose another with --web-port, or stop the process that has it.');
    await checkPort(ports.broker, HOST, 'Choose another with --broker-port, or stop the process that has it.');
  } else if (ports.web !== known.web || ports.broker !== known.broker) {
    throw new StarquakeError('SETTINGS_INVALID', `It runs already, at ${before.webUrl} and ${before.brokerUrl}.`, {
      hint: 'Leave the ports out, or end it first: starquake pulsar down',
    });
  }
  if (before.state !== 'up') await start(terminal, pulsar, ports);
  const status = await pulsar.read();
  const wasUp = before.state === 'up';
  answer(terminal, options, { ...status, wasUp }, () =>
    [
      ...describeStatus(status, wasUp ? 'is up already' : 'is up'),
      '',
      `Run an engine on it:  ${commandName} dev --pulsar ${status.webUrl} --data ${ENGINE_DATA}`,
      `End it:               ${commandName} pulsar down${options.data === LOCAL_DATA ? '' : ` --data '${options.data}'`}`,
    ].join('\n'),
  );
};

const start = async (terminal: Terminal, pulsar: LocalPulsar, ports: typeof USUAL_PORTS): Promise<void> => {
  const interrupt = new AbortController();
  const stopListening = terminal.onInterrupt(() => interrupt.abort());
  try {
    await withProgress(terminal, 'starting Pulsar …', (show) =>
      pulsar.start({ ports, signal: interrupt.signal, onStep: (text) => show(`${text} …`) }),
    );
  } finally {
    stopListening();
  }
};

/**
 * What `starquake pulsar down` does.
 *
 * @throws PULSAR_FAILED
 */
export const takeDownPulsar = async (terminal: Terminal, options: LocalOptions): Promise<void> => {
  const { purge = false } = options;
  const pulsar = openPulsar(terminal, options);
  const end = await withProgress(terminal, 'ending Pulsar …', () => (purge ? pulsar.purge() : pulsar.stop()));
  const ends = {
    ended: 'Pulsar is down.',
    killed: 'Pulsar did not end in time and was killed: if it does not come up on its data, remove them with --purge.',
    none: 'Pulsar was not up.',
  };
  answer(terminal, options, { state: 'down', wasUp: end !== undefined, wasKilled: end === 'killed', purged: purge }, () =>
    [ends[end ?? 'none'], ...(purge ? ['Its data is removed.'] : [])].join(' '),
  );
};

/**
 * What `starquake pulsar status` does.
 *
 * @throws PULSAR_FAILED
 */
export const showPulsar = async (terminal: Terminal, options: LocalOptions): Promise<void> => {
  const status = await openPulsar(terminal, options).read();
  if (status.state !== 'up') terminal.endWith(exitCodes.failed);
  const says = { up: 'is up', down: 'is down', unhealthy: 'runs, but is not healthy, or not yet' };
  answer(terminal, options, status, () => describeStatus(status, says[status.state]).join('\n'));
};

const describeStatus = (
  { state, webUrl, brokerUrl, pid, container, memoryMb, version, since, data, log }: LocalPulsarStatus,
  says: string,
): readonly string[] => {
  const runner = container === undefined ? `process ${pid}` : `container ${container}`;
  const details = [
    runner,
    ...(memoryMb === undefined ? [] : [`${memoryMb} MiB`]),
    ...(since === undefined ? [] : [`since ${formatMoment(since)}`]),
  ];
  return [
    `Pulsar${version === undefined ? '' : ` ${version}`} ${says}.`,
    ...(state === 'down' ? [] : [`  web     ${webUrl}`, `  broker  ${brokerUrl}`, `  runs    ${details.join(', ')}`]),
    `  data    ${data}`,
    `  log     ${log}`,
  ];
};
