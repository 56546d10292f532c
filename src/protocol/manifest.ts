// What a deployment of an app offers: read by the connector, the API and the CDK construct; no code in it.
import { z } from 'zod';

const kebabName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/)
  .max(80);

/** A JSON Schema (draft 2020-12), as the author's schema library writes it; absent where there is no schema, or none that can be written so. */
const jsonSchema = z.record(z.string(), z.unknown());

export const manifestRetrySchema = z.object({
  /** Attempts in all; absent when there is no bound. */
  maxAttempts: z.number().min(1).exactOptional(),
  firstDelayMs: z.number().nonnegative(),
  /** Each wait is this many times the one before. */
  factor: z.number().positive(),
  maxDelayMs: z.number().nonnegative(),
  /** Names or codes of errors that are final at once. */
  stopOn: z.array(z.string()).exactOptional(),
  exhausted: z.enum(['fail', 'hold']),
});
/** When a failed attempt is followed by another. */
export type ManifestRetry = z.infer<typeof manifestRetrySchema>;

export const manifestJobSchema = z.object({
  name: kebabName,
  /** Function that runs it. */
  function: z.string(),
  /** It is somebody's own function: it takes the job's input as it is, and answers its output. */
  plain: z.literal(true).exactOptional(),
  timeoutMs: z.number().positive(),
  totalTimeoutMs: z.number().positive().exactOptional(),
  /** Attempts of this job at once, over the whole deployment. */
  maxConcurrency: z.int().positive().exactOptional(),
  memoryMb: z.int().positive(),
  /** Its retry policy, to be looked at: the job-retry function judges. Absent where the app's own code says when. */
  retry: manifestRetrySchema.exactOptional(),
  inputSchema: jsonSchema.exactOptional(),
});
/** A job as a deployment offers it. */
export type ManifestJob = z.infer<typeof manifestJobSchema>;

export const manifestWorkflowSchema = z.object({ name: kebabName, inputSchema: jsonSchema.exactOptional() });
/** A workflow as a deployment offers it. */
export type ManifestWorkflow = z.infer<typeof manifestWorkflowSchema>;

export const manifestSignalSchema = z.object({ name: kebabName, valueSchema: jsonSchema.exactOptional() });
/** A signal that runs of a deployment wait for. */
export type ManifestSignal = z.infer<typeof manifestSignalSchema>;

export const manifestScheduleSchema = z.object({
  name: kebabName,
  cron: z.string(),
  zone: z.string(),
  workflow: z.string(),
  input: z.unknown().exactOptional(),
  overlap: z.enum(['skip', 'queue', 'allow']),
});
/** A schedule as a deployment defines it. */
export type ManifestSchedule = z.infer<typeof manifestScheduleSchema>;

export const manifestSchema = z.object({
  v: z.int(),
  app: kebabName,
  /** Names this deployment. */
  deployment: z.string().min(1),
  /** Orders the deployments of an app: higher is newer (rule 11). */
  order: z.int().nonnegative(),
  decisionFunction: z.string(),
  jobRetryFunction: z.string(),
  workflows: z.array(manifestWorkflowSchema),
  jobs: z.array(manifestJobSchema),
  /** Those that the app lists. */
  signals: z.array(manifestSignalSchema).exactOptional(),
  schedules: z.array(manifestScheduleSchema),
  /** Schedules that this deployment had before it was replaced in place, as `dev` does (rule 11). */
  goneSchedules: z.array(kebabName).exactOptional(),
});
/** What one deployment of an app offers. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Name of the engine's own timer function. */
export const TIMER_FUNCTION = 'starquake.timer';
