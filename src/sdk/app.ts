// What authors export: the workflows, jobs and schedules that are shipped together.
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { AnyJob } from './job.ts';
import { checkName } from './name.ts';
import type { Schedule } from './schedule.ts';
import type { Signal } from './signal.ts';
import type { AnyWorkflow } from './flow.ts';

/** Workflows and jobs shipped together. */
export interface App {
  readonly kind: 'app';
  readonly name: string;
  readonly workflows: readonly AnyWorkflow[];
  readonly jobs: readonly AnyJob[];
  readonly schedules: readonly Schedule[];
  readonly signals: readonly Signal<unknown>[];
}

/**
 * Defines an app; export it as default from its entry file.
 *
 * @throws APP_INVALID for names that are not unique, or a schedule of a workflow that is not listed
 * @example
 * export default app({ name: 'booking', workflows: [bookTrip], jobs: [processPayment, bookFlight] });
 */
export const app = (definition: {
  readonly name: string;
  readonly workflows: readonly AnyWorkflow[];
  readonly jobs?: readonly AnyJob[];
  readonly schedules?: readonly Schedule[];
  /** Those that others are to know of: they stand in the manifest with what they carry. A run receives any signal, listed or not. */
  readonly signals?: readonly Signal<unknown>[];
}): App => {
  checkName('app', definition.name);
  const { workflows, jobs = [], schedules = [], signals = [] } = definition;
  for (const [what, list] of Object.entries({ workflow: workflows, job: jobs, schedule: schedules, signal: signals }))
    checkUnique(definition.name, what, list);
  for (const { name, workflow } of schedules) {
    if (workflows.some((listed) => listed.name === workflow.name)) continue;
    throw new StarquakeError(
      'APP_INVALID',
      `The schedule "${name}" starts the workflow "${workflow.name}", which the app "${definition.name}" does not list.`,
    );
  }
  return { kind: 'app', name: definition.name, workflows, jobs, schedules, signals };
};

const checkUnique = (appName: string, what: string, list: readonly { readonly name: string }[]): void => {
  const seen = new Set<string>();
  for (const { name } of list) {
    if (seen.has(name)) throw new StarquakeError('APP_INVALID', `The app "${appName}" lists two ${what}s named "${name}".`);
    seen.add(name);
  }
};
