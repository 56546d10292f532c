// What the connector and the four functions say to each other: JSON in, JSON out.
import { z } from 'zod';
import { runEventSchema, type RunEvent } from './events.ts';
import { attemptFailedSchema, attemptSchema, dueSchema } from './messages.ts';
import { failureSchema, payloadSchema } from './payload.ts';

/** How a function's entry point may fetch a payload by its sha256: a place it can read (a URL). Made at invocation. */
export const linksSchema = z.record(z.string(), z.string());
/** Where an entry point may put large values: opaque to the engine, understood by the payload store that made it. */
export const putGrantSchema = z.object({
  url: z.string(),
  fields: z.record(z.string(), z.string()),
  /** Values are sealed under this key, base64, before they are put. */
  seal: z.object({ tenant: z.string(), key: z.string() }).exactOptional(),
});
export type PutGrant = z.infer<typeof putGrantSchema>;

/** One run to decide. */
export interface DecisionInput {
  readonly run: string;
  readonly app: string;
  readonly workflow: string;
  /** Id of the commit that is being made: a live run is kept under it (rule 10). */
  readonly commitId: string;
  /** Id of the commit that `events` follow; absent when `events` begin with RunStarted or RunContinued. */
  readonly base?: string;
  /** Number that the first emitted event gets. */
  readonly nextNumber: number;
  /** Workflow code has been asked about events up to this number before. */
  readonly decidedUpTo: number;
  /** Events in order. */
  readonly events: readonly RunEvent[];
}

/** Request of the decision function: a batch of runs. */
export interface DecisionRequest {
  readonly v: number;
  readonly now: number;
  readonly links: Readonly<Record<string, string>>;
  readonly grant?: PutGrant;
  /** A DecisionInput each, as JSON text: it goes into the realm as it is. */
  readonly runs: readonly string[];
}

export const decisionAnswerSchema = z.object({ runs: z.array(z.string()) });
/** Answer of the decision function: a RunDecision each, as JSON text, in the order of the request. */
export type DecisionAnswer = z.infer<typeof decisionAnswerSchema>;

export const runDecisionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('decided'), events: z.array(runEventSchema), more: z.boolean() }),
  z.object({ kind: z.literal('needHistory') }),
  z.object({ kind: z.literal('blocked'), failure: failureSchema }),
]);
/** What a decision says of one run: events to commit, a request for the whole history, or why it cannot be computed. */
export type RunDecision = z.infer<typeof runDecisionSchema>;

export const timerRequestSchema = z.object({ v: z.int(), now: z.number(), dues: z.array(dueSchema) });
/** Request of the timer function: what came due. */
export type TimerRequest = z.infer<typeof timerRequestSchema>;
export const timerAnswerSchema = z.object({ fire: z.array(z.int()), early: z.array(z.int()) });
/** Answer of the timer function: indices of the dues to publish now, and of those that came too early. */
export type TimerAnswer = z.infer<typeof timerAnswerSchema>;

export const jobRetryRequestSchema = z.object({ v: z.int(), now: z.number(), failures: z.array(attemptFailedSchema) });
/** Request of the job-retry function. */
export type JobRetryRequest = z.infer<typeof jobRetryRequestSchema>;
export const retryVerdictSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('retry'), delayMs: z.number().nonnegative() }),
  z.object({ kind: z.literal('fail'), failure: failureSchema }),
  z.object({ kind: z.literal('hold'), failure: failureSchema }),
]);
/** What becomes of a failed attempt. */
export type RetryVerdict = z.infer<typeof retryVerdictSchema>;
export const jobRetryAnswerSchema = z.object({ verdicts: z.array(retryVerdictSchema) });
/** Answer of the job-retry function: one verdict per failure, in order. */
export type JobRetryAnswer = z.infer<typeof jobRetryAnswerSchema>;

export const jobRequestSchema = z.object({
  v: z.int(),
  attempt: attemptSchema,
  idempotencyKey: z.string(),
  /** Completes the job from anywhere, once; for `attempt.completeLater()`. */
  token: z.string(),
  links: linksSchema,
  grant: putGrantSchema.exactOptional(),
});
/** Request of a job's function. */
export type JobRequest = z.infer<typeof jobRequestSchema>;
export const jobAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('succeeded'), output: payloadSchema }),
  z.object({ kind: z.literal('failed'), failure: failureSchema, retryable: z.boolean() }),
  /** The answer comes by token, within this time. */
  z.object({ kind: z.literal('later'), timeoutMs: z.number().positive() }),
]);
/** Answer of a job's function. */
export type JobAnswer = z.infer<typeof jobAnswerSchema>;
