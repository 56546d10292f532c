// Says what an app offers in plain JSON; part of every workflow bundle, so that a manifest is read from the very code that it describes.
import type { ManifestJob, ManifestSchedule } from '../protocol/manifest.ts';
import type { App } from '../sdk/app.ts';

/** What an app offers, before a deployment gives its functions names. */
export interface AppDescription {
  readonly app: string;
  readonly workflows: readonly { readonly name: string }[];
  /** Those run by somebody's own function name it. */
  readonly jobs: readonly (Omit<ManifestJob, 'function'> & { readonly function?: string })[];
  readonly schedules: readonly ManifestSchedule[];
}

/** Describes an app. */
export const describeApp = (app: App): AppDescription => ({
  app: app.name,
  workflows: app.workflows.map(({ name }) => ({ name })),
  jobs: app.jobs.map(({ name, timeoutMs, totalTimeoutMs, maxConcurrency, memoryMb, function: foreign }) => ({
    name,
    timeoutMs,
    ...(totalTimeoutMs !== undefined && { totalTimeoutMs }),
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    memoryMb,
    ...(foreign !== undefined && { function: foreign, plain: true }),
  })),
  schedules: app.schedules.map(({ name, cron, zone, workflow, input, overlap }) => ({
    name,
    cron,
    zone,
    workflow: workflow.name,
    ...(input !== undefined && { input }),
    overlap,
  })),
});
