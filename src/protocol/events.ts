// The facts of a run's history: one schema per event, and the union of them all.
import { z } from 'zod';
import { failureSchema, payloadSchema } from './payload.ts';

const eventNumber = z.int().positive();
const generation = z.int().positive();
const stamp = { number: eventNumber, at: z.number() };
/** `command` is the command's number as emitted, from 1; `cause` the event whose delivery made the code emit it (rules 8 and 14). */
const emitted = { command: z.int().positive(), cause: eventNumber };
const tags = z.record(z.string(), z.string());

export const parentSchema = z.object({
  run: z.string(),
  epoch: z.int().nonnegative(),
  event: eventNumber,
  generation,
  attached: z.boolean(),
});
/** Who started a run: the parent run, its ChildStarted event, the epoch and the generation of it; a detached child closes without touching its parent's fate. */
export type Parent = z.infer<typeof parentSchema>;

export const RUN_OUTCOMES = ['completed', 'failed', 'canceled', 'terminated', 'refused'] as const;
/** How a run ended. */
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) => z.object({ type: z.literal(type), ...stamp, ...shape });

const startFields = {
  app: z.string(),
  workflow: z.string(),
  input: payloadSchema,
  inputHash: z.string(),
  tags,
  /** The deployment that the run is pinned to; absent until one is known (APP_UNKNOWN). */
  deployment: z.string().exactOptional(),
};

export const runEventSchema = z.discriminatedUnion('type', [
  event('RunExpected', { until: z.number() }),
  event('RunStarted', {
    ...startFields,
    parent: parentSchema.exactOptional(),
    requestId: z.string(),
    traceparent: z.string().exactOptional(),
  }),
  event('RunRefused', { failure: failureSchema }),
  event('JobScheduled', {
    ...emitted,
    app: z.string(),
    job: z.string(),
    input: payloadSchema,
    timeoutMs: z.number(),
    totalTimeoutMs: z.number().exactOptional(),
  }),
  event('JobSucceeded', {
    job: eventNumber,
    generation,
    output: payloadSchema,
    by: z.enum(['attempt', 'request']),
    requestId: z.string().exactOptional(),
  }),
  event('JobFailed', { job: eventNumber, generation, failure: failureSchema, attempts: z.int() }),
  event('JobHeld', { job: eventNumber, generation, failure: failureSchema, attempts: z.int() }),
  event('JobCanceled', {
    job: eventNumber,
    generation,
    reason: z.string(),
    requestId: z.string().exactOptional(),
    ...z.object(emitted).partial().shape,
  }),
  event('JobRetried', { job: eventNumber, generation, newKey: z.boolean(), requestId: z.string() }),
  event('TimerStarted', { ...emitted, name: z.string(), dueAt: z.number() }),
  event('TimerFired', { timer: eventNumber, requestId: z.string().exactOptional() }),
  event('TimerCanceled', { timer: eventNumber, ...z.object(emitted).partial().shape }),
  event('ChildStarted', {
    ...emitted,
    run: z.string(),
    app: z.string(),
    workflow: z.string(),
    input: payloadSchema,
    inputHash: z.string(),
    tags,
    attached: z.boolean(),
  }),
  event('ChildClosed', {
    child: eventNumber,
    generation,
    outcome: z.enum(RUN_OUTCOMES),
    output: payloadSchema.exactOptional(),
    failure: failureSchema.exactOptional(),
    ...z.object(emitted).partial().shape,
  }),
  event('ChildRetried', { child: eventNumber, generation }),
  event('SignalReceived', { signal: z.string(), value: payloadSchema, requestId: z.string() }),
  event('SignalsExpired', {}),
  event('StatusSet', { ...emitted, status: z.unknown() }),
  event('TagsSet', { ...emitted, tags }),
  event('ChangeMarked', { ...emitted, change: z.string() }),
  event('CancelRequested', { requestId: z.string(), reason: z.string() }),
  event('RunPaused', { requestId: z.string() }),
  event('RunResumed', { requestId: z.string() }),
  event('RunBlocked', { failure: failureSchema, tries: z.int(), nextTryAt: z.number() }),
  event('RunUnblocked', {}),
  event('DeploymentChanged', { deployment: z.string() }),
  event('RunContinued', {
    ...emitted,
    input: payloadSchema,
    inputHash: z.string(),
    /** What the new beginning takes over: signals not read yet, and a cancel that the code has not met yet. */
    signals: z.array(z.object({ signal: z.string(), value: payloadSchema })),
    cancel: z.boolean(),
    /** Detached children that are still open. */
    children: z.array(z.object({ child: eventNumber, run: z.string() })),
  }),
  event('RunCompleted', { ...emitted, output: payloadSchema }),
  event('RunFailed', { ...emitted, failure: failureSchema }),
  event('RunRetried', {
    requestId: z.string(),
    /** Numbers of the events that replay skips from now on. */
    withdrawn: z.array(eventNumber),
    /** The generation that the parent asked for, when the retry came through it. */
    parentGeneration: generation.exactOptional(),
  }),
  event('RunCanceled', { ...emitted, reason: z.string() }),
  event('RunTerminated', { requestId: z.string(), reason: z.string() }),
  event('RunArchived', { outcome: z.enum(RUN_OUTCOMES), archive: z.string(), closedAt: z.number() }),
  /** `reply`: a parent asked, and is answered with ChildClosed (rule 14). */
  event('RequestRefused', { requestId: z.string(), code: z.string(), message: z.string(), reply: parentSchema.exactOptional() }),
]);

/** A fact in a run's history. */
export type RunEvent = z.infer<typeof runEventSchema>;

/** The name of an event. */
export type RunEventType = RunEvent['type'];

/** The event of one name. */
export type EventOf<T extends RunEventType> = Extract<RunEvent, { type: T }>;

/** An event before its commit gives it a number and a time. */
export type NewEvent = { [T in RunEventType]: Omit<EventOf<T>, 'number' | 'at'> }[RunEventType];
