// The author's entry, `import { ... } from 'starquake'`: everything a workflow or a job is written with.
export { app, type App } from './app.ts';
export { cron, next, type CalendarRule } from './calendar.ts';
export { type Duration } from './duration.ts';
export { ChildFailedError, JobCanceledError, JobFailedError, NotRetryableError, RunCanceledError, WorkflowCodeError } from './errors.ts';
export type { ChildHandle, Flow, RunOptions, Task, Workflow } from './flow.ts';
export {
  job,
  type AttemptContext,
  type AttemptError,
  type Job,
  type JobDefinition,
  type Later,
  type RetryFunction,
  type RetryPolicy,
} from './job.ts';
export { schedule, type Overlap, type Schedule, type ScheduleDefinition } from './schedule.ts';
export { signal, type Signal } from './signal.ts';
export { workflow, type WorkflowDefinition } from './workflow.ts';
