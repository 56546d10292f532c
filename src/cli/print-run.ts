// Shows runs to people: one in full, many as a table.
import type { RunList, RunView, ScheduleView } from '../client/index.ts';
import { runEventSchema } from '../protocol/events.ts';
import { describeEvent, type EventNames } from './describe-event.ts';
import { formatMoment, formatSpan, formatTable, formatValue } from './terminal/format.ts';

const line = (name: string, text: string): string => `  ${name.padEnd(11)} ${text}`;

const formatTags = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const nameOf = ({ app, workflow }: RunView): string => (app === undefined ? '(not started)' : `${app}/${workflow}`);

/** A run in full. */
export const printRun = (run: RunView): string =>
  [
    `${run.runId}  ${run.status}`,
    line('workflow', `${nameOf(run)}${run.deployment === undefined ? '' : `  (deployment ${run.deployment})`}`),
    ...(run.startedAt === undefined ? [] : [line('started', formatMoment(run.startedAt))]),
    ...(run.closedAt === undefined
      ? []
      : [
          line(
            'ended',
            `${formatMoment(run.closedAt)}${run.startedAt === undefined ? '' : `  (took ${formatSpan(run.closedAt - run.startedAt)})`}`,
          ),
        ]),
    ...(Object.keys(run.tags).length === 0 ? [] : [line('tags', formatTags(run.tags))]),
    ...(run.says === undefined ? [] : [line('says', formatValue(run.says))]),
    ...(run.parent === undefined ? [] : [line('parent', run.parent.runId)]),
    ...(run.input === undefined ? [] : [line('input', formatValue(run.input))]),
    ...(run.output === undefined ? [] : [line('output', formatValue(run.output))]),
    ...(run.failure === undefined ? [] : [line('because', `${run.failure.code}: ${run.failure.message}`)]),
    ...(run.nextTryAt === undefined ? [] : [line('next try', formatMoment(run.nextTryAt))]),
    ...printWaits(run),
    ...(run.history === undefined ? [] : ['', printHistory(run.history)]),
  ].join('\n');

const printWaits = ({ waitingFor: { jobs, timers, children } }: RunView): string[] => [
  ...jobs.map((job) =>
    line(
      'waits for',
      `job ${job.number} ${job.name}, ${job.state}${job.attempts > 0 ? `, attempt ${job.attempts} ${job.attempt ?? ''}`.trimEnd() : ''}${job.failure ? `: ${job.failure.message}` : ''}`,
    ),
  ),
  ...timers.map((timer) => line('waits for', `timer ${timer.number} ${timer.name}, due ${formatMoment(timer.dueAt)}`)),
  ...children.map((child) => line('waits for', `child ${child.number} ${child.workflow} ${child.runId}, ${child.state}`)),
];

const printHistory = (history: NonNullable<RunView['history']>): string => {
  const names: EventNames = new Map();
  return history
    .map((shown) => {
      const event = runEventSchema.safeParse(shown).data;
      const text = event === undefined ? undefined : describeEvent(event, names);
      return `${String(shown.number).padStart(6)}  ${formatMoment(shown.at)}  ${shown.type.padEnd(16)}  ${text ?? ''}`.trimEnd();
    })
    .join('\n');
};

/** Runs as a table. */
export const printList = ({ runs, cursor }: RunList): string => {
  if (runs.length === 0) return 'No runs.';
  const rows = runs.map((run) => [
    run.runId,
    nameOf(run),
    run.status,
    formatMoment(run.createdAt),
    run.closedAt === undefined || run.startedAt === undefined ? '' : formatSpan(run.closedAt - run.startedAt),
    formatTags(run.tags),
  ]);
  return `${formatTable(['RUN', 'WORKFLOW', 'STATUS', 'BEGAN', 'TOOK', 'TAGS'], rows)}${cursor === undefined ? '' : `\nMore: --cursor ${cursor}`}`;
};

/** Schedules as a table. */
export const printSchedules = (schedules: readonly ScheduleView[]): string =>
  schedules.length === 0
    ? 'No schedules.'
    : formatTable(
        ['SCHEDULE', 'STATUS', 'NEXT', 'SAYS'],
        schedules.map(({ app, name, status, nextAt, says }) => [
          `${app}/${name}`,
          status,
          nextAt === undefined ? '' : formatMoment(nextAt),
          says === undefined ? '' : formatValue(says),
        ]),
      );
