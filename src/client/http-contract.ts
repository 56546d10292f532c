// What the HTTP API and its clients say to each other: one set of schemas for parsing, for types and for the OpenAPI document.
import { z } from 'zod';
import { RUN_STATUSES } from '../protocol/commit.ts';
import { RUN_OUTCOMES } from '../protocol/events.ts';
import { PAYLOAD_LIMIT_BYTES } from '../protocol/limits.ts';

/** Header that makes a request count once. */
export const REQUEST_ID_HEADER = 'Idempotency-Key';

/** The longest that one call waits for a run, in milliseconds; a client asks again. */
export const LONGEST_WAIT_MS = 60_000;

/** The largest body of a request: a value at its limit, and room for what is around it. */
export const BODY_LIMIT_BYTES = PAYLOAD_LIMIT_BYTES + 64 * 1024;

const name = z.string().min(1).max(200);
const tagsSchema = z.record(z.string().min(1), z.string());
const instant = z.number().meta({ description: 'Milliseconds since the epoch.' });

/** How long a call waits for the run to end. */
export const waitSchema = z.int().min(0).max(LONGEST_WAIT_MS).meta({ description: 'Wait this many milliseconds for the run to end.' });

const failureSchema = z
  .object({ code: z.string(), name: z.string(), message: z.string(), stack: z.string().optional(), data: z.unknown().optional() })
  .meta({ id: 'Failure' });

/** Events are shown as they were recorded: a client takes also those that it does not know yet. */
const historyEventSchema = z.looseObject({ type: z.string(), number: z.int(), at: instant }).meta({ id: 'Event' });
/** A fact in a run's history, with fields of its type. */
export type HistoryEvent = z.infer<typeof historyEventSchema>;

const waitingJobSchema = z.object({
  number: z.int().meta({ description: 'Event number: what `job retry|cancel|complete` takes.' }),
  name: z.string(),
  generation: z.int(),
  state: z.enum(['open', 'held', 'failed']),
  scheduledAt: instant,
  attempts: z.int().meta({ description: 'Attempts of this generation that were heard of.' }),
  attempt: z.enum(['running', 'failed', 'succeeded', 'later']).optional(),
  failure: failureSchema.optional(),
});

const waitingTimerSchema = z.object({ number: z.int(), name: z.string(), dueAt: instant });
const waitingChildSchema = z.object({
  number: z.int(),
  runId: z.string(),
  workflow: z.string(),
  attached: z.boolean(),
  state: z.enum(['open', 'failed']),
});

export const runViewSchema = z
  .object({
    runId: z.string(),
    app: z.string().optional(),
    workflow: z.string().optional(),
    deployment: z.string().optional(),
    status: z.enum(RUN_STATUSES),
    tags: tagsSchema,
    says: z.unknown().optional().meta({ description: 'What the run says of itself by `flow.status`.' }),
    createdAt: instant,
    startedAt: instant.optional(),
    closedAt: instant.optional(),
    outcome: z.enum(RUN_OUTCOMES).optional(),
    input: z.unknown().optional(),
    output: z.unknown().optional(),
    failure: failureSchema.optional(),
    nextTryAt: instant.optional(),
    version: z.int(),
    parent: z.object({ runId: z.string(), event: z.int() }).optional(),
    waitingFor: z.object({ jobs: z.array(waitingJobSchema), timers: z.array(waitingTimerSchema), children: z.array(waitingChildSchema) }),
    history: z.array(historyEventSchema).optional(),
  })
  .meta({ id: 'Run' });
/** A run as the API shows it. */
export type RunView = z.infer<typeof runViewSchema>;

export const runListSchema = z
  .object({
    runs: z.array(runViewSchema),
    cursor: z.string().optional().meta({ description: 'Asks for the next page; absent on the last.' }),
  })
  .meta({ id: 'RunList' });
/** A page of runs, newest first. */
export type RunList = z.infer<typeof runListSchema>;

export const startBodySchema = z
  .object({
    app: name,
    workflow: name,
    input: z.unknown().optional(),
    runId: z.string().min(1).max(500).optional(),
    tags: tagsSchema.optional(),
    deployment: name.optional(),
    waitMs: waitSchema.optional(),
  })
  .meta({ id: 'StartRun' });
/** What starts a run. */
export type StartBody = z.infer<typeof startBodySchema>;

export const signalBodySchema = z.object({ value: z.unknown().optional() }).meta({ id: 'Signal' });
export const reasonBodySchema = z.object({ reason: z.string().max(1000).optional() }).meta({ id: 'Reason' });
export const retryJobBodySchema = z
  .object({
    newKey: z.boolean().optional().meta({ description: 'Give the job a new idempotency key: its effect may happen a second time.' }),
  })
  .meta({ id: 'RetryJob' });
export const completeJobBodySchema = z.object({ output: z.unknown().optional() }).meta({ id: 'CompleteJob' });
export const completionBodySchema = z
  .union([
    z.object({
      failure: z.object({ message: z.string(), code: z.string().optional(), name: z.string().optional(), data: z.unknown().optional() }),
    }),
    z.object({ output: z.unknown().optional() }),
  ])
  .meta({ id: 'Completion' });
/** How a job that answers later ended. */
export type CompletionBody = z.infer<typeof completionBodySchema>;

export const scheduleBodySchema = z
  .object({
    cron: z.string().meta({ description: 'Five fields, or six with seconds first.' }),
    zone: z.string().meta({ description: 'IANA time zone.' }),
    workflow: name,
    input: z.unknown().optional(),
    overlap: z.enum(['skip', 'queue', 'allow']).default('skip'),
  })
  .meta({ id: 'ScheduleDefinition' });
/** What a schedule made over the API is. */
export type ScheduleBody = z.input<typeof scheduleBodySchema>;

export const scheduleViewSchema = z
  .object({
    app: z.string(),
    name: z.string(),
    runId: z.string(),
    status: z.enum(RUN_STATUSES),
    nextAt: instant.optional(),
    says: z.unknown().optional(),
  })
  .meta({ id: 'Schedule' });
/** A schedule as the API shows it: `nextAt` is when it starts a run next, `says` what its run says of itself. */
export type ScheduleView = z.infer<typeof scheduleViewSchema>;
export const scheduleListSchema = z.object({ schedules: z.array(scheduleViewSchema) }).meta({ id: 'ScheduleList' });

export const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

export const errorBodySchema = z.object({ code: z.string(), message: z.string(), hint: z.string() }).meta({ id: 'Error' });
/** What every refusal looks like. */
export type ErrorBody = z.infer<typeof errorBodySchema>;
