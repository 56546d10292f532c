// Ports that note what the fault tests count: redeliveries, lost races, timers that fire, invocations of jobs.
import type { Bus, IncomingMessage, OutgoingMessage } from '../../../src/ports/bus.ts';
import type { Functions } from '../../../src/ports/functions.ts';
import type { RunStore } from '../../../src/ports/run-store.ts';
import { jobRequestSchema } from '../../../src/protocol/functions.ts';
import { topics } from '../../../src/protocol/topics.ts';
import { writeNote } from './notes.ts';

const noteRedelivered = (topic: string, messages: readonly IncomingMessage[]): void => {
  const count = messages.filter(({ redelivered }) => redelivered).length;
  if (count > 0) writeNote({ kind: 'redelivered', at: Date.now(), topic, count });
};

const TIMER_FIRED = /^\d+\/timer\/(\d+)$/;

const notePublished = (messages: readonly OutgoingMessage[]): void => {
  const at = Date.now();
  for (const [topic, group] of Map.groupBy(messages, (message) => message.topic)) {
    const count = group.filter(({ again }) => again === true).length;
    if (count > 0) writeNote({ kind: 'published-again', at, topic, count });
  }
  for (const { topic, key, id } of messages) {
    // What waited on `timers` carries the run in its id as well.
    const timer = topic === topics.inbox.name ? TIMER_FIRED.exec(id.startsWith(`${key}/`) ? id.slice(key.length + 1) : id)?.[1] : undefined;
    if (timer !== undefined) writeNote({ kind: 'fired', at, run: key, timer: Number(timer) });
  }
};

/** Watches a bus. */
export const watchBus = (bus: Bus): Bus => ({
  declareTopics: (...parameters) => bus.declareTopics(...parameters),
  readStream: (...parameters) => bus.readStream(...parameters),
  publish: (messages, options) => {
    notePublished(messages);
    return bus.publish(messages, options);
  },
  subscribeStream: (topic, consumer, options) =>
    bus.subscribeStream(
      topic,
      {
        onMessages: (partition, messages, gained) => {
          if (gained) writeNote({ kind: 'gained', at: Date.now(), partition });
          noteRedelivered(topic, messages);
          consumer.onMessages(partition, messages, gained);
        },
      },
      options,
    ),
  subscribeQueue: (topic, consumer, options) =>
    bus.subscribeQueue(
      topic,
      {
        onMessage: (message) => {
          noteRedelivered(topic, [message]);
          consumer.onMessage(message);
        },
      },
      options,
    ),
});

/** Watches a run store. */
export const watchRuns = (runs: RunStore): RunStore => ({
  ...runs,
  append: async (commit, text, options) => {
    const outcome = await runs.append(commit, text, options);
    const [at, { run, version, events }] = [Date.now(), commit];
    if (outcome === 'conflict') writeNote({ kind: 'lost-race', at, run, version });
    else for (const event of events) if (event.type === 'JobSucceeded') writeNote({ kind: 'ended', at, run, job: event.job });
    return outcome;
  },
  readSummary: (run, options) => {
    writeNote({ kind: 'checked', at: Date.now(), run });
    return runs.readSummary(run, options);
  },
  claim: (request, options) => {
    const { run, job, generation, number } = request;
    writeNote({ kind: 'claiming', at: Date.now(), run, job, generation, number });
    return runs.claim(request, options);
  },
});

/** Watches functions. @param isJob - whether a name is that of a job's function */
export const watchFunctions = (functions: Functions, isJob: (name: string) => boolean): Functions => ({
  invoke: async (name, payload, options) => {
    if (!isJob(name)) return functions.invoke(name, payload, options);
    const { attempt, idempotencyKey: key } = jobRequestSchema.parse(JSON.parse(payload));
    const { run, job, generation, number } = attempt;
    writeNote({ kind: 'invoked', at: Date.now(), name: attempt.name, key, run, job, generation, number });
    const result = await functions.invoke(name, payload, options);
    writeNote({ kind: 'answered', at: Date.now(), run, job, generation, number });
    return result;
  },
});
