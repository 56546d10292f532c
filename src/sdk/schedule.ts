// What authors write to define a schedule, and the built-in workflow that every schedule is a run of (rule 18).
import type { ManifestSchedule } from '../protocol/manifest.ts';
import { SCHEDULE_WORKFLOW } from '../protocol/schedule-names.ts';
import { cron, type CalendarRule } from './calendar.ts';
import type { ChildHandle, Flow, Task } from './flow.ts';
import { checkName } from './name.ts';
import type { Signal } from './signal.ts';
import type { AnyWorkflow, Workflow } from './flow.ts';

/** What happens when a run of the schedule is still open at the next time. */
export type Overlap = 'skip' | 'queue' | 'allow';

/** What `schedule(...)` takes. */
export interface ScheduleDefinition<Input> {
  /** Unique in its app, in kebab-case. */
  readonly name: string;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA time zone. */
  readonly zone: string;
  readonly workflow: Workflow<Input, unknown>;
  readonly input: Input;
  /** Default `skip`. */
  readonly overlap?: Overlap;
}

/** A schedule of an app. */
export interface Schedule {
  readonly kind: 'schedule';
  readonly name: string;
  readonly cron: string;
  readonly zone: string;
  readonly workflow: AnyWorkflow;
  readonly input: unknown;
  readonly overlap: Overlap;
}

/**
 * Defines a schedule.
 *
 * @throws APP_INVALID, CALENDAR_RULE_INVALID
 * @example
 * schedule({ name: 'nightly-report', cron: '0 3 * * *', zone: 'Europe/Paris', workflow: report, input: { days: 1 } });
 */
export const schedule = <Input>(definition: ScheduleDefinition<Input>): Schedule => {
  checkName('schedule', definition.name);
  cron(definition.cron, definition.zone);
  return { kind: 'schedule', overlap: 'skip', ...definition };
};

/** What a schedule's run is told: its definition (null: it is gone from the app), or an administrator's wish. */
export type ScheduleOrder =
  | { readonly kind: 'define'; readonly definition: ManifestSchedule | null }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'trigger' };

/** What a schedule's run carries from occurrence to occurrence. */
export interface ScheduleState {
  readonly definition: ManifestSchedule | null;
  readonly paused: boolean;
  /** Occurrences that wait for the one that runs (`queue`). */
  readonly waiting: number;
  /** How many runs it has started. */
  readonly occurrences: number;
  /** Why the definition cannot be used, until another one comes. */
  readonly problem?: string;
  /** Occurrences up to here have been seen to, in milliseconds since the epoch. */
  readonly since?: number;
}

/** A flow that knows the detached children of earlier beginnings of its run. */
export interface ScheduleFlow extends Flow<ScheduleState> {
  /** Starts a workflow of the same app by its name. */
  startByName(workflow: string, input: unknown, options: { readonly tags: Readonly<Record<string, string>> }): ChildHandle<unknown>;
  /** Detached children that are still open, whichever beginning of the run started them. */
  openChildren(): readonly ChildHandle<unknown>[];
  /** Sleeps until the first occurrence after a moment, in milliseconds since the epoch. */
  sleepUntilNext(rule: CalendarRule, after: number): Task<void>;
}

/** Signal that carries a ScheduleOrder. */
export const scheduleOrder: Signal<ScheduleOrder> = { kind: 'signal', name: 'schedule' };

/** Name of the built-in workflow. */
export const scheduleWorkflowName = SCHEDULE_WORKFLOW;
