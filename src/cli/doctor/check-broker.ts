// Checks that brokers can be reached and say that they are well.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { PulsarPart } from './doctor-parts.ts';
import { explainError } from './explain-error.ts';
import { ok, skipped, wrong, type Finding } from './finding.ts';
import { listReachableBrokers } from './list-reachable-brokers.ts';
import { checkOfPulsar, checkOfReaching } from './pulsar-check.ts';

const REACH_FIX = `Start it (on a laptop: starquake pulsar up), or correct the address: it is that of the web service, as in http://127.0.0.1:8080.`;

/** The web service. */
export const brokerCheck = checkOfReaching('broker', async (pulsar) => {
  const { webUrl } = pulsar.place;
  try {
    await pulsar.reach();
  } catch (error) {
    const { fix, ...seen } = explainError(error);
    const isAway = error instanceof StarquakeError && error.code !== 'SETTINGS_INVALID';
    return [{ ...seen, level: 'wrong', why: 'Nothing of the engine goes on without its bus.', fix: isAway ? REACH_FIX : (fix ?? '') }];
  }
  const { status, version } = await pulsar.ask(webUrl);
  if (status === 404) return [wrong(`What answers at ${webUrl} is no Pulsar.`, 'It has no admin API.', REACH_FIX)];
  return [ok(`${webUrl} answers${version === '' ? '' : `, Pulsar ${version}`}.`)];
});

/** Each broker writes a message to itself and reads it. */
export const healthCheck = checkOfPulsar('health', async (pulsar) => {
  const brokers = await listReachableBrokers(pulsar);
  const findings = await Promise.all(brokers.reached.map((webUrl) => judgeHealth(pulsar, webUrl)));
  return [...findings, ...brokers.notReached];
});

const judgeHealth = async (pulsar: PulsarPart, webUrl: string): Promise<Finding> => {
  try {
    const said = await pulsar.readHealth(webUrl);
    if (said === 'ok') return ok(`${webUrl} writes and reads.`);
    return describeIll(webUrl, `It says "${said}".`);
  } catch (error) {
    if (!(error instanceof StarquakeError)) throw error;
    if (error.code === 'BUS_REFUSED') return skipped(`${webUrl} does not tell these credentials how it is.`);
    return { ...describeIll(webUrl, error.message), code: error.code };
  }
};

const describeIll = (webUrl: string, said: string): Finding =>
  wrong(
    `${webUrl} is not well. ${said}`,
    'A healthy broker writes a message to itself and reads it; this one cannot, so it serves none of its topics.',
    'See its log: most often its bookies or the metadata store are away or their disks are full. Restart it once they are back.',
  );

/** The WebSocket service, which the adapter without a native part needs. */
export const webSocketCheck = checkOfPulsar('websocket', async (pulsar) => {
  if (await pulsar.offersWebSocket()) return [ok('The WebSocket service is on.')];
  const why = 'The web service answers, but nothing of its WebSocket paths.';
  const fix = 'Set webSocketServiceEnabled=true in broker.conf (or the proxy in front of it) and restart, or use the native client.';
  // With the native client nothing asks for it.
  if (pulsar.place.adapter === 'native') return [skipped('The WebSocket service is off; the native client does without.')];
  return [wrong('The WebSocket service is off.', why, fix)];
});

/** The port of the binary protocol, and the client for it. */
export const binaryPortCheck = checkOfPulsar('binary port', async (pulsar) => {
  if (pulsar.place.adapter === 'websocket') return [skipped('The WebSocket adapter does without.')];
  const brokerUrl = await pulsar.findBrokerUrl();
  if (brokerUrl === undefined) return [skipped('It is found by the topic inbox, which is not there: see "topics".')];
  const ports = brokerUrl.replace(/^pulsar(\+ssl)?:\/\//, '').split(',');
  return await Promise.all([...ports.map((port) => judgePort(pulsar, port)), judgeClient(pulsar)]);
});

const judgePort = async (pulsar: PulsarPart, address: string): Promise<Finding> => {
  const [, host = address, port = '6650'] = /^(.*?)(?::(\d+))?$/.exec(address.replace(/\/.*$/, '')) ?? [];
  try {
    await pulsar.connect(host.replace(/^\[|\]$/g, ''), Number(port));
    return ok(`${host}:${port} takes connections.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wrong(
      `${host}:${port} takes no connection: ${why}.`,
      'The native client speaks the binary protocol, beside the web service.',
      'Correct the address, open the port, or use the WebSocket adapter, which needs the web service only.',
    );
  }
};

const judgeClient = async (pulsar: PulsarPart): Promise<Finding> => {
  try {
    await pulsar.loadNativeClient();
    return ok('The native client is there.');
  } catch (error) {
    return explainError(error);
  }
};
