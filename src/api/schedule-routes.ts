// Routes of schedules: each is a run of the built-in workflow, told what to do by signals (rule 18).
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { scheduleBodySchema, scheduleListSchema, scheduleViewSchema, type ScheduleView } from '../client/http-contract.ts';
import type { ManifestSchedule } from '../protocol/manifest.ts';
import { SCHEDULE_WORKFLOW, scheduleRunId } from '../protocol/schedule-names.ts';
import type { RunRow } from '../query/run-row.ts';
import { cron } from '../sdk/calendar.ts';
import { findNextOccurrence } from '../sdk/calendar-evaluation.ts';
import { scheduleOrder, type ScheduleOrder } from '../sdk/schedule.ts';
import type { ApiContext } from './api-context.ts';
import { request } from './request-desk.ts';
import { answer, body, errors, params, readRequestId, requestHeaders } from './route-parts.ts';
import { requireRow } from './run-routes.ts';
import { startRun } from './start-run.ts';
import { packValue } from './values.ts';

const scheduleAnswers = { 200: answer(scheduleViewSchema, 'It has happened: the schedule as it stands.'), ...errors };

const listRoute = createRoute({
  method: 'get',
  path: '/schedules',
  summary: 'List schedules',
  request: { query: z.object({ app: z.string().optional() }) },
  responses: { 200: answer(scheduleListSchema, 'All schedules.'), ...errors },
});

const defineRoute = createRoute({
  method: 'put',
  path: '/schedules/{app}/{schedule}',
  summary: 'Make a schedule, or give it another definition',
  request: { headers: requestHeaders, params: params.schedule, body: body(scheduleBodySchema) },
  responses: scheduleAnswers,
});

const orderRoute = <P extends string>(path: P, summary: string) =>
  createRoute({ method: 'post', path, summary, request: { headers: requestHeaders, params: params.schedule }, responses: scheduleAnswers });

const orderRoutes = [
  ['pause', orderRoute('/schedules/{app}/{schedule}/pause', 'Start no more runs')],
  ['resume', orderRoute('/schedules/{app}/{schedule}/resume', 'Start runs again')],
  ['trigger', orderRoute('/schedules/{app}/{schedule}/trigger', 'Start a run now')],
] as const;

/** How many schedules one list shows. */
const LISTED = 1_000;

/** Adds the routes. */
export const addScheduleRoutes = (api: OpenAPIHono, context: ApiContext): void => {
  const { projection, ports } = context;

  api.openapi(listRoute, (c) => {
    const { rows } = projection.list({ app: c.req.valid('query').app, workflow: SCHEDULE_WORKFLOW, limit: LISTED });
    return c.json({ schedules: rows.map(viewSchedule) }, 200);
  });

  api.openapi(defineRoute, async (c) => {
    const { app, schedule } = c.req.valid('param');
    const { input, ...rest } = c.req.valid('json');
    findNextOccurrence(cron(rest.cron, rest.zone), context.ports.clock.now());
    const definition: ManifestSchedule = { name: schedule, ...rest, ...(input !== undefined && { input }) };
    const requestId = readRequestId(c, ports.newId);
    // The same start as the one that taking up a manifest sends: whichever comes first begins the run.
    const start = { app, workflow: SCHEDULE_WORKFLOW, runId: scheduleRunId(app, schedule), tags: { schedule } };
    await startRun(context, start, { requestId: `schedule/${app}/${schedule}`, inputHash: SCHEDULE_WORKFLOW });
    return c.json(await order(context, app, schedule, requestId, { kind: 'define', definition }), 200);
  });

  for (const [kind, route] of orderRoutes) {
    api.openapi(route, async (c) => {
      const { app, schedule } = c.req.valid('param');
      requireRow(context, scheduleRunId(app, schedule));
      return c.json(await order(context, app, schedule, readRequestId(c, ports.newId), { kind }), 200);
    });
  }
};

const order = async (context: ApiContext, app: string, name: string, requestId: string, wish: ScheduleOrder): Promise<ScheduleView> => {
  const run = scheduleRunId(app, name);
  const value = await packValue(context.ports.payloads, run, wish);
  return viewSchedule(await request(context, { type: 'Signal', run, signal: scheduleOrder.name, value, requestId }));
};

/** A schedule's run has one timer at most: until its next time. */
const viewSchedule = (row: RunRow): ScheduleView => ({
  app: row.app,
  name: row.run.slice(scheduleRunId(row.app, '').length),
  runId: row.run,
  status: row.status,
  ...[...row.timers.values()].map(({ dueAt }) => ({ nextAt: dueAt })).at(0),
  ...(row.said !== undefined && { says: row.said }),
});
