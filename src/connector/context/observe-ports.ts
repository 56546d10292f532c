// Tells telemetry of every call that a connector makes: wraps its ports once, so that no loop needs to.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { topics } from '../../protocol/topics.ts';
import type { Bus, IncomingMessage, OutgoingMessage } from '../../ports/bus.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { Functions } from '../../ports/functions.ts';
import type { Ports } from '../../ports/ports.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TimerStore } from '../../ports/timer-store.ts';

const countBy = <T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
};

const observeBus = (bus: Bus, telemetry: Telemetry): Bus => {
  const countRead = (topic: string, messages: readonly IncomingMessage[]): void => {
    const redelivered = messages.filter((message) => message.redelivered).length;
    if (redelivered > 0) telemetry.count('starquake_messages_read', redelivered, { topic, redelivered: true });
    if (messages.length > redelivered)
      telemetry.count('starquake_messages_read', messages.length - redelivered, { topic, redelivered: false });
  };
  const countPublished = (messages: readonly OutgoingMessage[], again: boolean): void => {
    const marked = messages.filter((message) => (message.again ?? false) === again);
    for (const [topic, amount] of countBy(marked, (message) => message.topic))
      telemetry.count('starquake_messages_published', amount, { topic, again });
    const buried = marked.filter(({ topic }) => topic === topics.deadLetters.name);
    if (!again && buried.length > 0) telemetry.count('starquake_dead_letters', buried.length);
  };
  return {
    declareTopics: (list, options) => bus.declareTopics(list, options),
    readStream: (topic, partition, from, limit, options) => bus.readStream(topic, partition, from, limit, options),
    publish: async (messages, options) => {
      await bus.publish(messages, options);
      countPublished(messages, false);
      countPublished(messages, true);
    },
    subscribeStream: (topic, consumer, options) => {
      const onMessages = (partition: number, messages: readonly IncomingMessage[], gained: boolean): void => {
        countRead(topic, messages);
        consumer.onMessages(partition, messages, gained);
      };
      return bus.subscribeStream(topic, { onMessages }, options);
    },
    subscribeQueue: (topic, consumer, options) => {
      const onMessage = (message: IncomingMessage): void => {
        countRead(topic, [message]);
        consumer.onMessage(message);
      };
      return bus.subscribeQueue(topic, { onMessage }, options);
    },
  };
};

const observeFunctions = (functions: Functions, telemetry: Telemetry, clock: Clock): Functions => ({
  invoke: async (name, payload, options) => {
    const from = clock.now();
    const result = await functions.invoke(name, payload, options);
    const outcome = result.kind === 'answered' ? 'answered' : result.failure.code;
    telemetry.measure('starquake_invocation_seconds', (clock.now() - from) / 1000, { function: name, outcome });
    return result;
  },
});

/** Makes a call to a store, timed, its consumption counted. */
type ObserveCall = <T>(
  operation: string,
  options: CallOptions,
  call: (options: CallOptions) => Promise<T>,
  readOutcome?: (value: T) => string,
) => Promise<T>;

const observeCalls =
  (telemetry: Telemetry, clock: Clock): ObserveCall =>
  async (operation, options, call, readOutcome) => {
    const from = clock.now();
    const tell = (outcome: string): void =>
      telemetry.measure('starquake_store_call_seconds', (clock.now() - from) / 1000, { operation, outcome });
    try {
      const value = await call({
        ...options,
        onConsumed: (consumption) => {
          const { readUnits, writeUnits } = consumption;
          if (readUnits > 0) telemetry.count('starquake_store_units', readUnits, { operation: consumption.operation, direction: 'read' });
          if (writeUnits > 0)
            telemetry.count('starquake_store_units', writeUnits, { operation: consumption.operation, direction: 'write' });
          options.onConsumed?.(consumption);
        },
      });
      tell(readOutcome?.(value) ?? 'answered');
      return value;
    } catch (error) {
      tell(error instanceof StarquakeError ? error.code : 'failed');
      throw error;
    }
  };

const observeRuns = (runs: RunStore, observe: ObserveCall, telemetry: Telemetry): RunStore => ({
  load: (run, options) => observe('load', options, (more) => runs.load(run, more)),
  append: async (commit, text, options) => {
    const outcome = await observe('append', options, (more) => runs.append(commit, text, more), String);
    telemetry.count('starquake_commits', 1, { outcome });
    return outcome;
  },
  readSummary: (run, options) => observe('readSummary', options, (more) => runs.readSummary(run, more)),
  claim: async (request, options) => {
    const outcome = await observe(
      'claim',
      options,
      (more) => runs.claim(request, more),
      ({ kind }) => kind,
    );
    telemetry.count('starquake_claims', 1, { outcome: outcome.kind });
    return outcome;
  },
  readClaim: (key, options) => observe('readClaim', options, (more) => runs.readClaim(key, more)),
  finishClaim: (request, options) => observe('finishClaim', options, (more) => runs.finishClaim(request, more)),
  prune: (run, belowVersion, now, options) => observe('prune', options, (more) => runs.prune(run, belowVersion, now, more)),
});

const observeTimers = (timers: TimerStore, observe: ObserveCall): TimerStore => ({
  put: (dues, options) => observe('putTimers', options, (more) => timers.put(dues, more)),
  readDue: (upTo, limit, options) => observe('readDueTimers', options, (more) => timers.readDue(upTo, limit, more)),
  remove: (dues, options) => observe('removeTimers', options, (more) => timers.remove(dues, more)),
});

/** The same ports, each call of which is told to their telemetry; as they are when nobody watches. */
export const observePorts = (ports: Ports): Ports => {
  const { telemetry, clock } = ports;
  if (telemetry === undefined) return ports;
  const observe = observeCalls(telemetry, clock);
  return {
    ...ports,
    bus: observeBus(ports.bus, telemetry),
    runs: observeRuns(ports.runs, observe, telemetry),
    timers: observeTimers(ports.timers, observe),
    functions: observeFunctions(ports.functions, telemetry, clock),
    report: (error, doing) => {
      telemetry.count('starquake_troubles', 1, { code: error instanceof StarquakeError ? error.code : 'unknown' });
      ports.report(error, doing);
    },
  };
};
