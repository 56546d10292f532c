// Checks what the brokers are set to, where the engine is wrong or slow with something else.
import type { PulsarPlace } from './doctor-parts.ts';
import { ok, type Finding } from './finding.ts';
import { listReachableBrokers } from './list-reachable-brokers.ts';
import { checkOfPulsar } from './pulsar-check.ts';

interface Wish {
  readonly key: string;
  /** What to set it to. */
  readonly wanted: string;
  readonly isFine: (value: string) => boolean;
  readonly level: 'warning' | 'wrong';
  readonly why: string;
  /** It matters to this adapter only. */
  readonly adapter?: 'websocket' | 'native';
}

const MEBIBYTE = 1024 * 1024;
const atMost =
  (limit: number) =>
  (value: string): boolean =>
    Number(value) <= limit;
const atLeast =
  (limit: number) =>
  (value: string): boolean =>
    Number(value) >= limit;

const wishes: readonly Wish[] = [
  {
    key: 'webSocketMaxTextFrameSize',
    wanted: String(8 * MEBIBYTE),
    // Texts carry the body in base64: a third more than the largest message, and what is around it.
    isFine: atLeast(7 * MEBIBYTE),
    level: 'warning',
    why: 'A message close to the limit of brokers (maxMessageSize, 5 MiB) does not fit into a text and is refused.',
    adapter: 'websocket',
  },
  {
    key: 'maxMessageSize',
    wanted: String(5 * MEBIBYTE),
    isFine: atLeast(5 * MEBIBYTE),
    level: 'warning',
    why: 'A large commit does not fit into one message of `history` and is refused.',
  },
  {
    key: 'managedLedgerNewEntriesCheckDelayInMillis',
    wanted: '0',
    isFine: atMost(1),
    level: 'warning',
    why: 'A message that finds an idle reader waits for this long, at every step of every run.',
  },
  {
    key: 'activeConsumerFailoverDelayTimeMillis',
    wanted: '100',
    isFine: atMost(1000),
    level: 'warning',
    why: 'A partition stands for this long whenever a connector comes or goes; the engine needs no such pause, its commit is the lock.',
  },
  {
    key: 'delayedDeliveryEnabled',
    wanted: 'true',
    isFine: (value) => value === 'true',
    level: 'wrong',
    why: 'Every timer comes at once and is held by the timer-service: they fill it, and the rest waits behind them.',
  },
  {
    key: 'delayedDeliveryTickTimeMillis',
    wanted: '1000',
    isFine: atMost(1000),
    level: 'warning',
    why: 'Timers and retries are late by up to this.',
  },
  {
    key: 'delayedDeliveryMaxDelayInMillis',
    wanted: '0',
    // The longest delay that the engine asks for, and as much again.
    isFine: (value) => Number(value) <= 0 || Number(value) >= 240_000,
    level: 'wrong',
    why: 'The engine delays messages by up to 2 minutes; such a message is refused.',
  },
  {
    key: 'delayedDeliveryFixedDelayDetectionLookahead',
    wanted: '0',
    isFine: atMost(0),
    level: 'wrong',
    why: 'With 50,000 timers pending whose times only grow, `timers` is not read any more until the first of them is due: nearer ones wait.',
  },
  {
    key: 'subscriptionExpirationTimeMinutes',
    wanted: '0',
    isFine: (value) => Number(value) <= 0,
    level: 'wrong',
    why: 'A subscription that nobody reads for that long is removed, with all that waits in it: messages are lost.',
  },
  {
    key: 'acknowledgmentAtBatchIndexLevelEnabled',
    wanted: 'true',
    isFine: (value) => value === 'true',
    level: 'warning',
    why: 'A new owner of a partition reads up to 31 messages again.',
    adapter: 'native',
  },
];

/** What is asked for. */
const SETTING_KEYS: readonly string[] = wishes.map(({ key }) => key);

/** What a broker's settings mean to the engine; one that is not told is taken for granted. */
export const judgeSettings = (
  where: string,
  settings: Readonly<Record<string, string>>,
  { adapter }: Pick<PulsarPlace, 'adapter'>,
): readonly Finding[] => {
  const relevant = wishes.filter((wish) => wish.adapter === undefined || wish.adapter === adapter);
  const findings = relevant.flatMap(({ key, wanted, isFine, level, why }): readonly Finding[] => {
    const value = settings[key];
    if (value === undefined || isFine(value)) return [];
    const fix = `Set ${key}=${wanted} in the conf file of the broker and restart it.`;
    return [{ level, what: `${where}: ${key} is ${value}, not ${wanted}.`, why, fix }];
  });
  if (findings.length > 0) return findings;
  const told = relevant.filter(({ key }) => settings[key] !== undefined).length;
  return [ok(`${where}: ${told} settings that matter are as they should be.`)];
};

/** The settings of each broker. */
export const settingsCheck = checkOfPulsar('settings', async (pulsar) => {
  const { reached, notReached } = await listReachableBrokers(pulsar);
  const read = async (webUrl: string): Promise<readonly Finding[]> =>
    judgeSettings(webUrl, await pulsar.readSettings(webUrl, SETTING_KEYS), pulsar.place);
  return [...(await Promise.all(reached.map(read))).flat(), ...notReached];
});
