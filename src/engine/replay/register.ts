// The last line of every workflow bundle: makes the app's runtime known to the realm's owner.
import type { RealmHost, WorkflowRuntime } from '../../ports/realm.ts';
import type { App } from '../../sdk/app.ts';
import { scheduleWorkflow } from '../../sdk/schedule-workflow.ts';
import { createRuntime } from './runtime.ts';

declare global {
  /** Given by the realm's owner before the bundle is evaluated. */
  var starquakeHost: RealmHost | undefined;
  /** Left by the bundle. */
  var starquakeRuntime: WorkflowRuntime | undefined;
}

/** Registers an app, with the built-in workflow of schedules. */
export const registerApp = (app: App): void => {
  const host = globalThis.starquakeHost ?? { findNextOccurrence: () => '!no calendar is given to this realm' };
  globalThis.starquakeRuntime = createRuntime(
    { workflows: [...app.workflows, scheduleWorkflow], jobs: new Set(app.jobs.map(({ name }) => name)) },
    host,
  );
};
