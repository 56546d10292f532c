// What a deployment of an app offers: read by the connector, the API and the CDK construct; no code in it.
import { z } from 'zod';

const kebabName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/)
  .max(80);

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
});
/** A job as a deployment offers it. */
export type ManifestJob = z.infer<typeof manifestJobSchema>;

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
  workflows: z.array(z.object({ name: kebabName })),
  jobs: z.array(manifestJobSchema),
  schedules: z.array(manifestScheduleSchema),
  /** Schedules that this deployment had before it was replaced in place, as `dev` does (rule 11). */
  goneSchedules: z.array(kebabName).exactOptional(),
});
/** What one deployment of an app offers. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Name of the engine's own timer function. */
export const TIMER_FUNCTION = 'starquake.timer';

/** Name of the built-in workflow that every schedule is a run of (rule 18). */
export const SCHEDULE_WORKFLOW = 'starquake.schedule';

/** Run id of a schedule. */
export const scheduleRunId = (app: string, name: string): string => `schedule/${app}/${name}`;
