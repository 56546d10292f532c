#!/usr/bin/env node
// The connector as a service: composes its parts on Pulsar and AWS from the environment, and runs until it is asked to end.
import { randomUUID } from 'node:crypto';
import { hostname, totalmem } from 'node:os';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { createDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { createDynamoRunStore } from '../adapters/dynamodb/dynamo-run-store.ts';
import { createDynamoTimerStore } from '../adapters/dynamodb/dynamo-timer-store.ts';
import { nameTable, runsTable, timersTable } from '../platform/tables.ts';
import { makeNodeFileLayer } from '../adapters/embedded/files/node-file-layer.ts';
import { EmbeddedRegistry } from '../adapters/embedded/registry/embedded-registry.ts';
import { openLambdaFunctions } from '../adapters/lambda/lambda-functions.ts';
import { openKeyring } from '../adapters/keyring-choice/open-keyring.ts';
import { watchLoop } from '../adapters/loop-watch/loop-watch.ts';
import { applyTopics } from '../adapters/pulsar-admin/apply-topics.ts';
import { NamespaceMark } from '../adapters/pulsar-admin/namespace-mark.ts';
import { PulsarAdmin } from '../adapters/pulsar-admin/pulsar-admin.ts';
import { makeNamespaceSettings, openPulsarBus } from '../adapters/pulsar-choice/open-pulsar-bus.ts';
import { createObjectClient } from '../adapters/s3/object-client.ts';
import { createS3PayloadStore } from '../adapters/s3/s3-payload-store.ts';
import { checkKeyMark } from '../adapters/sealed/check-key-mark.ts';
import { sealPorts } from '../adapters/sealed/seal-ports.ts';
import { openSsmRegistry } from '../adapters/ssm/ssm-registry.ts';
import { systemClock } from '../adapters/system-clock/system-clock.ts';
import { createJsonLog, type JsonLog } from '../adapters/telemetry/json-log.ts';
import { openTelemetry, type OpenTelemetry } from '../adapters/telemetry/open-telemetry.ts';
import type { Ports } from '../ports/ports.ts';
import type { Registry } from '../ports/registry.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { topics } from '../protocol/topics.ts';
import { defaultSettings } from './context/settings.ts';
import { collectPulsarVariables, parsePulsarSettings, type PulsarSettings } from './service/pulsar-settings.ts';
import { readEnvironment, type ServiceSettings } from './service/read-environment.ts';
import { readVersion } from './service/read-version.ts';
import { runService, type ServiceEnd } from './run-service.ts';

const MEBIBYTE = 1024 * 1024;
const ADMIN_TIMEOUT_MS = 30_000;
/** Beyond the drain: connections are closed, telemetry is sent. */
const LEAVING_MS = 12_000;
/** Invocations that attempts leave to decisions, timers and retries. */
const RESERVED_INVOCATIONS = 200;
/** An account's first quota of invocations at once is 1,000. */
const ATTEMPTS_IN_FLIGHT = 800;
const EXIT_CODES: Readonly<Record<ServiceEnd, number>> = { drained: 0, stuck: 70 };

type Closer = () => unknown;

const requirePulsar = (): PulsarSettings => {
  const pulsar = parsePulsarSettings(collectPulsarVariables(process.env));
  if (pulsar !== undefined) return pulsar;
  throw new StarquakeError('SETTINGS_INVALID', 'No Pulsar is named.', { hint: 'Set STARQUAKE_PULSAR_URL, as in http://broker:8080.' });
};

/** Messages and commits are worth nothing without each other: a namespace is for one set of tables, and says for which. */
const pairNamespace = async ({ access }: PulsarSettings, tablePrefix: string, prepare: () => Promise<unknown>): Promise<void> => {
  const mark = new NamespaceMark(access, ADMIN_TIMEOUT_MS);
  const own = `dynamodb-${tablePrefix}`;
  const check = (standing: string | undefined): void => {
    if (standing === undefined || standing === own) return;
    const namespace = `${access.tenant}/${access.namespace}`;
    throw new StarquakeError(
      'DATA_MISMATCH',
      `The namespace ${namespace} belongs to other stores ("${standing}") than these tables ("${own}").`,
    );
  };
  const standing = await mark.read();
  check(standing);
  await prepare();
  if (standing !== undefined) return;
  await mark.write(own);
  // Of two who came at once, one finds the mark of the other.
  check(await mark.read());
};

const openRegistry = ({ registry }: ServiceSettings, report: Ports['report'], closers: Closer[]): Registry => {
  if (registry.kind === 'folder')
    return new EmbeddedRegistry({ layer: makeNodeFileLayer(), folder: registry.folder, clock: systemClock, report });
  const opened = openSsmRegistry({ clock: systemClock, folder: registry.path, report });
  closers.push(() => opened.close());
  return opened;
};

/** Memory in use as a share of what is allowed: by the setting, else by the container, else by the machine. */
const readMemoryShare = ({ memoryMb }: ServiceSettings): (() => number) => {
  const constrained = process.constrainedMemory();
  const machine = totalmem();
  const allowed = memoryMb === undefined ? (constrained > 0 && constrained < machine ? constrained : machine) : memoryMb * MEBIBYTE;
  return () => {
    // What is alive: memory that was used once and is free again counts for nothing.
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / allowed;
  };
};

const openPorts = async (
  pulsar: PulsarSettings,
  settings: ServiceSettings,
  { log, telemetry }: { readonly log: JsonLog; readonly telemetry: OpenTelemetry },
  closers: Closer[],
): Promise<Ports> => {
  const [clock, report] = [systemClock, log.report];
  const inbox = { ...topics.inbox, partitions: pulsar.inboxPartitions };
  const admin = new PulsarAdmin(pulsar.access);
  const makeTopics = () => applyTopics(admin, Object.values({ ...topics, inbox }), ADMIN_TIMEOUT_MS, makeNamespaceSettings(pulsar));
  await pairNamespace(pulsar, settings.tablePrefix, makeTopics);
  const { bus, adapter } = await openPulsarBus(pulsar, { clock, report });
  closers.push(() => bus.close());
  log.tell('on Pulsar', { url: pulsar.access.webUrl, namespace: `${pulsar.access.tenant}/${pulsar.access.namespace}`, adapter });
  const objects = createObjectClient({ bucket: settings.bucket, forcePathStyle: settings.bucketInPath });
  const payloads = createS3PayloadStore({ client: objects, clock });
  const dynamo = createDynamoClient({});
  closers.push(() => dynamo.close());
  const tableOf = (table: typeof runsTable | typeof timersTable): string => nameTable(settings.tablePrefix, table);
  const { attemptsInFlight = ATTEMPTS_IN_FLIGHT, jobPrefetch = defaultSettings.jobPrefetch } = settings.connector;
  const bounds = { total: attemptsInFlight + RESERVED_INVOCATIONS, perFunction: jobPrefetch };
  const functions = openLambdaFunctions({ clock, prefix: settings.functionPrefix, ...bounds });
  closers.push(() => functions.close());
  const { tablePrefix, keys } = settings;
  const held = keys && openKeyring(keys.kind === 'kms' ? { ...keys, tablePrefix } : keys, clock);
  if (held !== undefined) {
    closers.push(held.close);
    await checkKeyMark(payloads, held.keyring, { timeoutMs: ADMIN_TIMEOUT_MS });
  }
  const ports: Ports = {
    bus,
    payloads,
    functions,
    clock,
    report,
    telemetry,
    runs: createDynamoRunStore({ client: dynamo, table: tableOf(runsTable), payloads, clock, report }),
    timers: createDynamoTimerStore({ client: dynamo, table: tableOf(timersTable), payloads, clock, report }),
    registry: openRegistry(settings, report, closers),
    newId: randomUUID,
    readMemoryShare: readMemoryShare(settings),
  };
  return sealPorts(ports, { keyring: held?.keyring, clock, report, forErased: 'drop' });
};

/** The first signal asks for a drain; the second one ends the process. */
const waitForSignal = (): Promise<string> =>
  new Promise((resolve) => {
    let isAsked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (isAsked) process.exit(1);
        isAsked = true;
        resolve(signal);
      });
    }
  });

const run = async (log: JsonLog, settings: ServiceSettings): Promise<ServiceEnd> => {
  const ended = waitForSignal();
  const closers: Closer[] = [watchLoop()];
  const { tracesTo } = settings;
  const telemetry = openTelemetry({
    instance: `${hostname()}-${process.pid}`,
    version: readVersion(),
    traceShare: settings.traceShare,
    ...(tracesTo !== undefined && { spans: new OTLPTraceExporter({ url: `${tracesTo.replace(/\/+$/, '')}/v1/traces` }) }),
  });
  closers.push(() => telemetry.close());
  try {
    const pulsar = requirePulsar();
    return await runService({
      ports: await openPorts(pulsar, settings, { log, telemetry }, closers),
      settings: { attemptsInFlight: ATTEMPTS_IN_FLIGHT, ...settings.connector, inboxPartitions: pulsar.inboxPartitions },
      health: { host: settings.healthHost, port: settings.healthPort },
      readMetrics: () => telemetry.readMetrics(),
      tell: log.tell,
      ended,
      armDeadline: () => {
        const drainMs = settings.connector.drainMs ?? defaultSettings.drainMs;
        setTimeout(() => process.exit(EXIT_CODES.stuck), drainMs + LEAVING_MS).unref();
      },
    });
  } finally {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        log.report(error, 'closing');
      }
    }
  }
};

const main = async (): Promise<number> => {
  let log = createJsonLog({ level: 'info', clock: systemClock });
  try {
    const settings = readEnvironment(process.env);
    log = createJsonLog({ level: settings.logLevel, clock: systemClock });
    return EXIT_CODES[await run(log, settings)];
  } catch (error) {
    log.report(error, 'running the connector');
    return 1;
  }
};

const code = await main();
// A client library that leaves a thread running keeps nobody waiting.
process.stdout.write('', () => process.exit(code));
