// Says what an app offers in plain JSON; evaluated beside a workflow bundle, so that a manifest is read from the very code that it describes.
import type { ManifestJob, ManifestRetry, ManifestSchedule, ManifestSignal, ManifestWorkflow } from '../protocol/manifest.ts';
import type { App } from '../sdk/app.ts';
import { completePolicy } from '../sdk/complete-policy.ts';
import type { RetryPolicy } from '../sdk/job.ts';
import { writeJsonSchema } from './write-json-schema.ts';

/** What an app offers, before a deployment gives its functions names. */
export interface AppDescription {
  readonly app: string;
  readonly workflows: readonly ManifestWorkflow[];
  /** Those run by somebody's own function name it. */
  readonly jobs: readonly (Omit<ManifestJob, 'function'> & { readonly function?: string })[];
  readonly signals?: ManifestSignal[];
  readonly schedules: readonly ManifestSchedule[];
}

/** Describes an app. */
export const describeApp = (app: App): AppDescription => ({
  app: app.name,
  workflows: app.workflows.map(({ name, input }) => ({ name, ...describeInput(input) })),
  jobs: app.jobs.map(({ name, timeoutMs, totalTimeoutMs, maxConcurrency, memoryMb, function: foreign, retry, input }) => ({
    name,
    timeoutMs,
    ...(totalTimeoutMs !== undefined && { totalTimeoutMs }),
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    memoryMb,
    ...(foreign !== undefined && { function: foreign, plain: true }),
    ...(typeof retry === 'object' && { retry: describeRetry(retry) }),
    ...describeInput(input),
  })),
  ...(app.signals.length > 0 && { signals: app.signals.map(describeSignal) }),
  schedules: app.schedules.map(({ name, cron, zone, workflow, input, overlap }) => ({
    name,
    cron,
    zone,
    workflow: workflow.name,
    ...(input !== undefined && { input }),
    overlap,
  })),
});

const describeInput = (schema: App['workflows'][number]['input']): Pick<ManifestWorkflow, 'inputSchema'> => {
  const inputSchema = writeJsonSchema(schema);
  return inputSchema ? { inputSchema } : {};
};

const describeSignal = ({ name, schema }: App['signals'][number]): ManifestSignal => {
  const valueSchema = writeJsonSchema(schema);
  return { name, ...(valueSchema && { valueSchema }) };
};

/** JSON has no word for infinity: as many attempts as it takes. */
const describeRetry = (policy: RetryPolicy): ManifestRetry => {
  const { maxAttempts, firstDelayMs, factor, maxDelayMs, stopOn, exhausted } = completePolicy(policy);
  return {
    ...(Number.isFinite(maxAttempts) && { maxAttempts }),
    firstDelayMs,
    factor: Math.min(factor, Number.MAX_VALUE),
    maxDelayMs,
    ...(stopOn.length > 0 && { stopOn: [...stopOn] }),
    exhausted,
  };
};
