// Composes the loops between bus and functions over one adapter of each port: the long-lived half of the engine.
import { StarquakeError } from '../protocol/starquake-error.ts';
import { jobTopic, topics, type TopicDefinition } from '../protocol/topics.ts';
import type { Ports } from '../ports/ports.ts';
import { Calls } from './context/calls.ts';
import type { ConnectorContext, Loop } from './context/context.ts';
import { Deployments } from './context/deployments.ts';
import { Gate } from './context/gate.ts';
import { JobManager } from './job-manager/job-manager.ts';
import { JobRetry } from './job-retry.ts';
import { createMeter } from './context/meter.ts';
import { Orchestrator } from './orchestrator/orchestrator.ts';
import { meterStores } from './context/meter-stores.ts';
import { observePorts } from './context/observe-ports.ts';
import { createPayloadAccess } from './context/payload-access.ts';
import { defaultSettings, type ConnectorSettings } from './context/settings.ts';
import { TakeUp } from './take-up.ts';
import { TimerService } from './timer-service/timer-service.ts';
import { watchPartitions } from './watchdog.ts';

/** A running connector. */
export interface Connector {
  /** Reads no more, finishes what is in hand, publishes, acks, leaves. */
  stop(): Promise<void>;
}

const describeShortMemory = ({ memoryShareLimit }: ConnectorSettings): StarquakeError =>
  new StarquakeError(
    'MEMORY_SHORT',
    `More than ${Math.round(memoryShareLimit * 100)} % of the memory that this process may use is in use: attempts run one at a time until there is room.`,
  );

const makeContext = (given: Ports, settings: ConnectorSettings): ConnectorContext => {
  const calls = new Calls(given.clock, given.report);
  const meter = createMeter(given, settings, calls);
  const ports = { ...given, ...meterStores(given, meter.recordUse) };
  return {
    ports,
    settings,
    calls,
    deployments: new Deployments(),
    gate: new Gate(ports.clock, settings, ports.readMemoryShare ?? ((): number => 0), () =>
      ports.report(describeShortMemory(settings), 'beginning attempts'),
    ),
    meter,
    payloads: createPayloadAccess(ports, settings, calls),
  };
};

/** Lets telemetry ask for what is in hand; returns how to stop. */
const watchLoad = ({ ports: { telemetry }, gate }: ConnectorContext, orchestrator: Orchestrator): (() => void) => {
  if (telemetry === undefined) return () => undefined;
  const unwatch = [
    telemetry.watch('starquake_open_messages', () => orchestrator.readLoad().openMessages),
    telemetry.watch('starquake_owned_partitions', () => orchestrator.readLoad().ownedPartitions),
    telemetry.watch('starquake_cached_runs', () => orchestrator.readLoad().cachedRuns),
    telemetry.watch('starquake_attempts_in_flight', () => gate.inFlight),
    telemetry.watch('starquake_attempts_waiting', () => gate.waitingCount),
    telemetry.watch('starquake_memory_short', () => Number(gate.isMemoryShort)),
  ];
  return () => {
    for (const end of unwatch) end();
  };
};

/** Takes nothing new, finishes what is in hand within the drain time, and leaves. */
const leave = async ({ ports, calls, settings, meter }: ConnectorContext, loops: readonly Loop[]): Promise<void> => {
  calls.drain();
  const cancelEnd = ports.clock.setTimer(ports.clock.now() + settings.drainMs, () => calls.stop());
  // One that cannot leave keeps none of the others from leaving, nor the ledger from being written.
  const left = await Promise.allSettled(loops.map((loop) => loop.stop()));
  for (const end of left) if (end.status === 'rejected') ports.report(end.reason, 'leaving');
  await meter.flush();
  cancelEnd();
  calls.stop();
};

/**
 * Starts a connector: it declares the topics, takes up every deployment that the registry has or gets, and runs the loops.
 * A deployment that cannot be taken up is reported and tried again, and keeps it neither from starting nor from taking up others.
 *
 * @param given - one adapter of each port
 * @param settings - what differs from `defaultSettings`
 * @param onStuck - is told when a partition makes no step any more; the process is to end then
 * @example
 * const connector = await startConnector(ports);
 * await connector.stop();
 */
export const startConnector = async (
  given: Ports,
  settings: Partial<ConnectorSettings> = {},
  onStuck?: (error: StarquakeError) => void,
): Promise<Connector> => {
  const context = makeContext(observePorts(given), { ...defaultSettings, ...settings });
  const { ports, calls, settings: merged } = context;
  const options = { timeoutMs: merged.callTimeoutMs };
  const declare = (list: readonly TopicDefinition[]): Promise<void> =>
    calls.within('declaring topics', merged.callTimeoutMs, () => ports.bus.declareTopics(list, options));
  await declare(Object.values({ ...topics, inbox: { ...topics.inbox, partitions: merged.inboxPartitions } }));

  const jobManager = new JobManager(context);
  const takeUp = new TakeUp(context, async (manifest) => {
    await declare(manifest.jobs.map((job) => jobTopic(manifest.app, job.name)));
    await jobManager.serve(manifest);
  });
  const unwatch = ports.registry.watch((manifest) => takeUp.begin(manifest));
  const [orchestrator, jobRetry, timerService] = [new Orchestrator(context), new JobRetry(context), new TimerService(context)];
  const loops = [orchestrator, jobRetry, timerService];
  const begin = async (): Promise<void> => {
    const listing = calls.within('listing deployments', merged.callTimeoutMs, () => ports.registry.list(options));
    for (const manifest of await listing) takeUp.begin(manifest);
    await takeUp.waitUntilTried();
    await Promise.all(loops.map((loop) => calls.within('subscribing', merged.callTimeoutMs, () => loop.start())));
  };
  await begin().catch((error: unknown) => {
    // What has begun already must not answer any more: its attempts come again.
    unwatch();
    calls.stop();
    throw error;
  });
  const unwatchPartitions = watchPartitions({
    clock: ports.clock,
    calls,
    listWaitingPartitions: () => orchestrator.listWaitingPartitions(),
    onStuck: onStuck ?? ((error) => ports.report(error, 'watching partitions')),
  });
  const unwatchLoad = watchLoad(context, orchestrator);
  return {
    stop: async () => {
      unwatchLoad();
      unwatchPartitions();
      unwatch();
      await leave(context, [...loops, jobManager]);
    },
  };
};
