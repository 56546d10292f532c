// Names of the workflow that runs schedules, and of its runs; apart from the manifest, because workflow code carries them.

/** Name of the built-in workflow that every schedule is a run of (rule 18). */
export const SCHEDULE_WORKFLOW = 'starquake.schedule';

/** Run id of a schedule. */
export const scheduleRunId = (app: string, name: string): string => `schedule/${app}/${name}`;
