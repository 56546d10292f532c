// A Pulsar as settings name it: which there are, their variables of the environment, and what they may be.
import { z } from 'zod';
import { INBOX_PARTITIONS } from '../../protocol/topics.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** A Pulsar, and how it is spoken to. */
export interface PulsarSettings {
  readonly access: {
    /** The web service. */
    readonly webUrl: string;
    readonly tenant: string;
    readonly namespace: string;
    readonly tokenFile?: string;
    readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  };
  /** The binary protocol; looked up over the web service when left out. */
  readonly brokerUrl?: string;
  /** Whichever can be loaded when left out. */
  readonly adapter?: 'native' | 'websocket';
  readonly inboxPartitions: number;
  /** Unread bytes of a topic from which on its publishers wait; as the administration has it when left out. */
  readonly backlogLimitBytes?: number;
  /** Bytes of a topic from which on it is offloaded, -1 for never; the brokers' setting when left out. */
  readonly offloadThresholdBytes?: number;
}

/** One setting: its variable, and what it is, for people. */
export interface PulsarVariable {
  readonly variable: string;
  readonly what: string;
}

/** All of them, by the name that the parsed values have. */
export const pulsarVariables = {
  pulsar: { variable: 'STARQUAKE_PULSAR_URL', what: 'web service of a Pulsar, as in http://127.0.0.1:8080' },
  namespace: { variable: 'STARQUAKE_PULSAR_NAMESPACE', what: 'where the topics are; starquake/main unless given' },
  tokenFile: { variable: 'STARQUAKE_PULSAR_TOKEN_FILE', what: 'holds the token; read anew for every connection' },
  tlsCaFile: { variable: 'STARQUAKE_PULSAR_TLS_CA_FILE', what: 'certificates to trust, as PEM' },
  tlsCertFile: { variable: 'STARQUAKE_PULSAR_TLS_CERT_FILE', what: 'certificate of this client, as PEM' },
  tlsKeyFile: { variable: 'STARQUAKE_PULSAR_TLS_KEY_FILE', what: 'key of this client, as PEM' },
  inboxPartitions: { variable: 'STARQUAKE_INBOX_PARTITIONS', what: `fixed for the life of a namespace; ${INBOX_PARTITIONS} unless given` },
  offloadThreshold: {
    variable: 'STARQUAKE_OFFLOAD_THRESHOLD',
    what: 'size of a topic from which on it is offloaded, as in 10GiB; off for never',
  },
  backlogLimit: {
    variable: 'STARQUAKE_BACKLOG_LIMIT',
    what: 'unread size of a topic from which on publishers wait; 100GiB unless given',
  },
  pulsarAdapter: { variable: 'STARQUAKE_PULSAR_ADAPTER', what: 'native or websocket; native where it can be loaded unless given' },
  pulsarBroker: {
    variable: 'STARQUAKE_PULSAR_BROKER_URL',
    what: 'broker for the native client, as in pulsar://127.0.0.1:6650; looked up unless given',
  },
} as const satisfies Record<string, PulsarVariable>;

/** The name of a setting. */
export type PulsarSettingName = keyof typeof pulsarVariables;

const isSettingName = (name: string): name is PulsarSettingName => Object.hasOwn(pulsarVariables, name);
/** All names. */
export const pulsarSettingNames: readonly PulsarSettingName[] = Object.keys(pulsarVariables).filter(isSettingName);

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const SIZE = /^(\d+)(B|[KMGT]iB)?$/;
/** What Pulsar takes for a tenant or a namespace. */
const NAMESPACE = /^[-=:.\w]+\/[-=:.\w]+$/;

const isUrlOf =
  (...protocols: readonly string[]) =>
  (text: string): boolean =>
    URL.canParse(text) && protocols.includes(new URL(text).protocol);

const sizeSchema = z
  .string()
  .regex(SIZE, { error: 'Write a size as in 500MiB or 10GiB.' })
  .transform((text) => {
    const [, number = '0', unit = 'B'] = SIZE.exec(text) ?? [];
    return Number(number) * (UNITS[unit] ?? 1);
  });

const givenSchema = z.object({
  pulsar: z
    .string()
    .refine(isUrlOf('http:', 'https:'), { error: 'Give the URL of a web service, as in http://127.0.0.1:8080.' })
    .exactOptional(),
  namespace: z.string().regex(NAMESPACE, { error: 'Write it as tenant/namespace, as in starquake/main.' }).default('starquake/main'),
  tokenFile: z.string().exactOptional(),
  tlsCaFile: z.string().exactOptional(),
  tlsCertFile: z.string().exactOptional(),
  tlsKeyFile: z.string().exactOptional(),
  inboxPartitions: z.coerce.number({ error: 'Give a whole number from 1 to 1000.' }).int().min(1).max(1000).default(INBOX_PARTITIONS),
  offloadThreshold: z
    .union([z.literal('off').transform(() => -1), sizeSchema], { error: 'Write a size as in 10GiB, or off.' })
    .exactOptional(),
  backlogLimit: sizeSchema.exactOptional(),
  pulsarAdapter: z.enum(['native', 'websocket'], { error: 'Choose native or websocket.' }).exactOptional(),
  pulsarBroker: z
    .string()
    .refine(isUrlOf('pulsar:', 'pulsar+ssl:'), { error: 'Give the URL of a broker, as in pulsar://127.0.0.1:6650.' })
    .exactOptional(),
} satisfies Record<PulsarSettingName, z.ZodType>);

const refuse = (message: string, hint: string): StarquakeError => new StarquakeError('SETTINGS_INVALID', message, { hint });

/**
 * Parses settings; undefined where no Pulsar is named. An empty value is none.
 *
 * @param given - texts by the names of `pulsarVariables`
 * @param describe - says of a name how it is set here
 * @throws SETTINGS_INVALID
 */
export const parsePulsarSettings = (
  given: Readonly<Partial<Record<PulsarSettingName, unknown>>>,
  describe = (name: PulsarSettingName): string => pulsarVariables[name].variable,
): PulsarSettings | undefined => {
  const parsed = givenSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== '')),
  );
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = pulsarSettingNames.find((known) => known === issue?.path[0]);
    throw refuse(`${name === undefined ? 'A setting' : describe(name)} cannot be understood.`, issue?.message ?? '');
  }
  const { pulsar, namespace: name, tlsCaFile, tlsCertFile, tlsKeyFile, tokenFile, inboxPartitions, ...others } = parsed.data;
  if (pulsar === undefined) return undefined;
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    const [certificate, key] = [describe('tlsCertFile'), describe('tlsKeyFile')];
    throw refuse('A client certificate and its key go together.', `Give both ${certificate} and ${key}, or none.`);
  }
  const [tenant = '', namespace = ''] = name.split('/');
  const tls = {
    ...(tlsCaFile !== undefined && { caFile: tlsCaFile }),
    ...(tlsCertFile !== undefined && { certFile: tlsCertFile }),
    ...(tlsKeyFile !== undefined && { keyFile: tlsKeyFile }),
  };
  return {
    access: {
      webUrl: pulsar.replace(/\/+$/, ''),
      tenant,
      namespace,
      ...(tokenFile !== undefined && { tokenFile }),
      ...(Object.keys(tls).length > 0 && { tls }),
    },
    inboxPartitions,
    ...(others.pulsarBroker !== undefined && { brokerUrl: others.pulsarBroker }),
    ...(others.pulsarAdapter !== undefined && { adapter: others.pulsarAdapter }),
    ...(others.backlogLimit !== undefined && { backlogLimitBytes: others.backlogLimit }),
    ...(others.offloadThreshold !== undefined && { offloadThresholdBytes: others.offloadThreshold }),
  };
};

/** Settings as the environment has them, by name. */
export const collectPulsarVariables = (
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Record<PulsarSettingName, string | undefined>> =>
  Object.fromEntries(pulsarSettingNames.map((name) => [name, environment[pulsarVariables[name].variable]]));
