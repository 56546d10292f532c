// The settings of a connector that runs as a service: its variables of the environment, parsed and explained in this one place.
import { z } from 'zod';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { isDurationText, toMilliseconds, type Duration } from '../../sdk/duration.ts';
import type { ConnectorSettings } from '../context/settings.ts';
import { KEYS_PLACE_FORM, parseKeysPlace, type KeysPlace } from './keys-place.ts';

/** Where manifests are found. */
export type RegistryPlace = { readonly kind: 'ssm'; readonly path: string } | { readonly kind: 'folder'; readonly folder: string };

/** What a service is told beside its Pulsar. */
export interface ServiceSettings {
  /** Tables are named `<prefix>-runs` and `<prefix>-timers`. */
  readonly tablePrefix: string;
  readonly bucket: string;
  /** The bucket's name goes into the path, as stand-ins for S3 want it. */
  readonly bucketInPath: boolean;
  readonly registry: RegistryPlace;
  /** Stands before the name of every function, as deployed. */
  readonly functionPrefix: string;
  readonly healthHost: string;
  readonly healthPort: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Memory that this process may use; what the machine or its container allows when left out. */
  readonly memoryMb?: number;
  /** Share of runs that are traced. */
  readonly traceShare: number;
  /** Where spans go; no trace is kept when left out. */
  readonly tracesTo?: string;
  /** Where the data keys of tenants are; nothing is sealed when left out. */
  readonly keys?: KeysPlace;
  /** What differs from the connector's defaults. */
  readonly connector: Partial<ConnectorSettings>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const durationSchema = z
  .custom<Extract<Duration, string>>((text) => typeof text === 'string' && isDurationText(text), {
    error: 'Write a length of time as in 30s, 12h or 30d.',
  })
  .transform(toMilliseconds);

const whole = (from: number, to: number) =>
  z.coerce
    .number({ error: `Give a whole number from ${from} to ${to}.` })
    .int()
    .min(from)
    .max(to);

const keysSchema = z.string().transform((text, context): KeysPlace => {
  try {
    return parseKeysPlace(text);
  } catch {
    context.addIssue({ code: 'custom', message: `Write it as in ${KEYS_PLACE_FORM}.` });
    return z.NEVER;
  }
});

const named = (what: string) => z.string({ error: `Name ${what}.` }).min(1, { error: `Name ${what}.` });

const registrySchema = named('the registry of manifests, as in ssm:/starquake/main or file:/var/lib/starquake/manifests').transform(
  (text, context): RegistryPlace => {
    const [, kind, place = ''] = /^(ssm|file):(\/.+)$/.exec(text) ?? [];
    if (kind === 'ssm') return { kind, path: place };
    if (kind === 'file') return { kind: 'folder', folder: place };
    context.addIssue({ code: 'custom', message: 'Write it as in ssm:/starquake/main or file:/var/lib/starquake/manifests.' });
    return z.NEVER;
  },
);

/** Variables with what they may be; one that is not set has its default. */
const environmentSchema = z.object({
  STARQUAKE_TABLE_PREFIX: named('the tables by their prefix, as in starquake-main'),
  STARQUAKE_BUCKET: named('the bucket of large values and archives'),
  STARQUAKE_BUCKET_IN_PATH: z.stringbool({ error: 'Choose true or false.' }).default(false),
  STARQUAKE_REGISTRY: registrySchema,
  STARQUAKE_FUNCTION_PREFIX: z.string().default(''),
  STARQUAKE_KEYS: keysSchema.exactOptional(),
  STARQUAKE_HEALTH_HOST: z.string().default('0.0.0.0'),
  STARQUAKE_HEALTH_PORT: whole(0, 65_535).default(9464),
  STARQUAKE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], { error: 'Choose debug, info, warn or error.' }).default('info'),
  STARQUAKE_MEMORY_MB: whole(128, 1_000_000).exactOptional(),
  STARQUAKE_EPOCH: whole(0, 1_000_000).exactOptional(),
  STARQUAKE_WRITE_VERSION: whole(1, PROTOCOL_VERSION).exactOptional(),
  STARQUAKE_COMPLETED_RETENTION: durationSchema.exactOptional(),
  STARQUAKE_FAILED_RETENTION: durationSchema.exactOptional(),
  STARQUAKE_DRAIN_TIME: durationSchema.exactOptional(),
  STARQUAKE_ATTEMPTS_IN_FLIGHT: whole(1, 100_000).exactOptional(),
  STARQUAKE_DECISION_SLOTS: whole(1, 1000).exactOptional(),
  STARQUAKE_DECISIONS_IN_FLIGHT: whole(1, 1000).exactOptional(),
  STARQUAKE_CACHED_RUNS: whole(1, 10_000_000).exactOptional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ error: 'Give the URL of an OpenTelemetry collector, as in http://127.0.0.1:4318.' }).exactOptional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number({ error: 'Give a share from 0 to 1.' }).min(0).max(1).default(1),
});

type Parsed = z.output<typeof environmentSchema>;

const connectorVariables = {
  STARQUAKE_EPOCH: 'epoch',
  STARQUAKE_WRITE_VERSION: 'writeVersion',
  STARQUAKE_COMPLETED_RETENTION: 'completedRetentionMs',
  STARQUAKE_FAILED_RETENTION: 'failedRetentionMs',
  STARQUAKE_DRAIN_TIME: 'drainMs',
  STARQUAKE_ATTEMPTS_IN_FLIGHT: 'attemptsInFlight',
  STARQUAKE_DECISION_SLOTS: 'decisionSlots',
  STARQUAKE_DECISIONS_IN_FLIGHT: 'decisionsInFlight',
  STARQUAKE_CACHED_RUNS: 'cachedRuns',
} as const satisfies Partial<Record<keyof Parsed, keyof ConnectorSettings>>;

const collectConnector = (parsed: Parsed): Partial<ConnectorSettings> =>
  Object.fromEntries(
    Object.entries(connectorVariables).flatMap(([variable, name]) => {
      const value = parsed[variable as keyof typeof connectorVariables];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/**
 * Reads the settings; a variable that is set to nothing is not set.
 *
 * @throws SETTINGS_INVALID, naming every variable that is missing or cannot be understood
 */
export const readEnvironment = (environment: Environment): ServiceSettings => {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
    throw new StarquakeError('SETTINGS_INVALID', `The environment cannot be understood.\n${lines.join('\n')}`, {
      hint: 'Set the variables that are named; docs/settings.md has all of them.',
    });
  }
  const parsed = result.data;
  return {
    tablePrefix: parsed.STARQUAKE_TABLE_PREFIX,
    bucket: parsed.STARQUAKE_BUCKET,
    bucketInPath: parsed.STARQUAKE_BUCKET_IN_PATH,
    registry: parsed.STARQUAKE_REGISTRY,
    functionPrefix: parsed.STARQUAKE_FUNCTION_PREFIX,
    healthHost: parsed.STARQUAKE_HEALTH_HOST,
    healthPort: parsed.STARQUAKE_HEALTH_PORT,
    logLevel: parsed.STARQUAKE_LOG_LEVEL,
    traceShare: parsed.OTEL_TRACES_SAMPLER_ARG,
    ...(parsed.STARQUAKE_MEMORY_MB !== undefined && { memoryMb: parsed.STARQUAKE_MEMORY_MB }),
    ...(parsed.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined && { tracesTo: parsed.OTEL_EXPORTER_OTLP_ENDPOINT }),
    ...(parsed.STARQUAKE_KEYS !== undefined && { keys: parsed.STARQUAKE_KEYS }),
    connector: { ...collectConnector(parsed), ...(parsed.STARQUAKE_KEYS !== undefined && { separateTenants: true }) },
  };
};
