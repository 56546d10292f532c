// What travels on topics: every message with its fields, and the parser that each reader uses at its edge.
import { z } from 'zod';
import { parentSchema, RUN_OUTCOMES } from './events.ts';
import { failureSchema, payloadSchema } from './payload.ts';

const v = z.int();
const run = z.string().min(1).max(500);
const epoch = z.int().nonnegative();
const eventNumber = z.int().positive();
const generation = z.int().positive();
/** From outside at most 200 characters (the API sees to it); those of the engine hold a run id. */
const requestId = z.string().min(1).max(1000);
const reason = z.string().max(1000);

const message = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) => z.object({ type: z.literal(type), v, run, ...shape });
/** The commit that a message to another run was derived from: when that was lost in a restore, so was the message. */
const originSchema = z.object({ run, version: z.int().positive(), epoch, commit: z.string() });
/** Names a commit of another run. */
export type Origin = z.infer<typeof originSchema>;
const fromRun = { origin: originSchema.exactOptional() };
const aboutJob = { epoch, job: eventNumber, generation };

export const inboxMessageSchema = z.discriminatedUnion('type', [
  message('StartRun', {
    app: z.string(),
    workflow: z.string(),
    input: payloadSchema,
    inputHash: z.string(),
    tags: z.record(z.string(), z.string()),
    requestId,
    /** Start on this deployment; the newest known one when absent. */
    deployment: z.string().exactOptional(),
    parent: parentSchema.exactOptional(),
    traceparent: z.string().exactOptional(),
    ...fromRun,
  }),
  message('JobSucceeded', { ...aboutJob, output: payloadSchema, attempt: z.int() }),
  message('JobFailed', { ...aboutJob, failure: failureSchema, attempt: z.int() }),
  message('JobHeld', { ...aboutJob, failure: failureSchema, attempt: z.int() }),
  message('JobCanceled', { ...aboutJob, reason }),
  message('TimerFired', { epoch, timer: eventNumber }),
  message('ChildClosed', {
    epoch,
    child: eventNumber,
    generation,
    outcome: z.enum(RUN_OUTCOMES),
    output: payloadSchema.exactOptional(),
    failure: failureSchema.exactOptional(),
    ...fromRun,
  }),
  message('Signal', { signal: z.string(), value: payloadSchema, requestId }),
  message('Cancel', { requestId, reason, ...fromRun }),
  message('Terminate', { requestId, reason, ...fromRun }),
  message('Pause', { requestId }),
  message('Resume', { requestId }),
  /** `parent` is there when the parent asks, with the new generation (rule 14). */
  message('RetryRun', { requestId, parent: parentSchema.exactOptional(), ...fromRun }),
  message('RetryJob', { requestId, job: eventNumber, newKey: z.boolean() }),
  message('CompleteJob', { requestId, job: eventNumber, output: payloadSchema }),
  message('CancelJob', { requestId, job: eventNumber }),
  message('FireTimer', { requestId, timer: eventNumber }),
  message('Wake', { version: z.int().nonnegative(), cause: z.enum(['more', 'undecided', 'blocked', 'watch', 'expected']) }),
  message('Archive', { closing: eventNumber }),
]);

/** A message addressed to a run. */
export type InboxMessage = z.infer<typeof inboxMessageSchema>;
/** The name of a message on `inbox`. */
export type InboxMessageType = InboxMessage['type'];
/** The inbox message of one name. */
export type InboxMessageOf<T extends InboxMessageType> = Extract<InboxMessage, { type: T }>;

export const attemptSchema = z.object({
  type: z.literal('Attempt'),
  v,
  run,
  epoch,
  app: z.string(),
  workflow: z.string(),
  job: eventNumber,
  name: z.string(),
  generation,
  number: z.int().positive(),
  /** Generation that the idempotency key is made of: 1 unless a retry asked for a new key (rule 12). */
  keyGeneration: generation,
  deployment: z.string(),
  input: payloadSchema,
  timeoutMs: z.number(),
  /** When the job of this generation was committed; total timeouts and the freshness of rule 12 count from it. */
  commitAt: z.number(),
  totalTimeoutMs: z.number().exactOptional(),
  tags: z.record(z.string(), z.string()),
  traceparent: z.string().exactOptional(),
});
/** One execution of a job, asked for on `jobs.<app>.<name>`. */
export type Attempt = z.infer<typeof attemptSchema>;

export const attemptFailedSchema = z.object({
  type: z.literal('AttemptFailed'),
  v,
  attempt: attemptSchema,
  failure: failureSchema,
  retryable: z.boolean(),
  failedAt: z.number(),
});
/** A failed attempt and its error, on `retries`. */
export type AttemptFailed = z.infer<typeof attemptFailedSchema>;

export const dueSchema = z.object({
  type: z.literal('Due'),
  v,
  dueAt: z.number(),
  topic: z.string(),
  key: z.string(),
  /** Id that the message is published under, and with `dueAt` the name of its entry in the timer store. */
  id: z.string(),
  /** The message itself, as JSON text. */
  message: z.string(),
});
/** A message to be published later, on `timers` or in the timer store. */
export type Due = z.infer<typeof dueSchema>;
