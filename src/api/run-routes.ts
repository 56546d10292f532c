// Routes that start, show, list and await runs.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { runListSchema, runViewSchema, startBodySchema, waitSchema } from '../client/http-contract.ts';
import { RUN_STATUSES } from '../protocol/commit.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { hasEnded, type RunRow } from '../query/run-row.ts';
import type { ApiContext } from './api-context.ts';
import { answer, body, errors, params, readRequestId, readTraceparent, requestHeaders, runAnswers } from './route-parts.ts';
import { viewResult, viewRow, viewRun } from './run-view.ts';
import { startRun } from './start-run.ts';

const waitQuery = z.coerce.number().pipe(waitSchema);

const startRoute = createRoute({
  method: 'post',
  path: '/runs',
  summary: 'Start a run, and wait for its result if asked',
  request: { headers: requestHeaders, body: body(startBodySchema) },
  responses: {
    200: answer(runViewSchema, 'The run stood already, with the same input.'),
    201: answer(runViewSchema, 'The run has started.'),
    ...errors,
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/runs',
  summary: 'List runs, newest first',
  request: {
    query: z.object({
      app: z.string().optional(),
      workflow: z.string().optional(),
      status: z.enum(RUN_STATUSES).optional(),
      tag: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .meta({ description: 'name=value; may be given more than once.' }),
      limit: z.coerce.number().pipe(z.int().min(1).max(1000)).default(50),
      cursor: z.string().optional(),
    }),
  },
  responses: { 200: answer(runListSchema, 'A page of runs.'), ...errors },
});

const showRoute = createRoute({
  method: 'get',
  path: '/runs/{run}',
  summary: 'Show a run, with its history if asked',
  request: { params: params.run, query: z.object({ history: z.enum(['true', 'false']).optional() }) },
  responses: runAnswers,
});

const resultRoute = createRoute({
  method: 'get',
  path: '/runs/{run}/result',
  summary: 'Wait for a run to end',
  request: { params: params.run, query: z.object({ waitMs: waitQuery.optional() }) },
  responses: { 200: answer(runViewSchema, 'The run has ended.'), 202: answer(runViewSchema, 'The run goes on: ask again.'), ...errors },
});

/** The row of a run. @throws RUN_UNKNOWN */
export const requireRow = (context: ApiContext, run: string): RunRow => {
  const row = context.projection.find(run);
  if (row === undefined) throw new StarquakeError('RUN_UNKNOWN', `No run "${run}" is known.`);
  return row;
};

/** @throws REQUEST_INVALID */
const readTags = (tags: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      if (at < 1) throw new StarquakeError('REQUEST_INVALID', `"${tag}" is not a tag.`, { hint: 'Write it as name=value.' });
      return [tag.slice(0, at), tag.slice(at + 1)];
    }),
  );

/** Adds the routes. */
export const addRunRoutes = (api: OpenAPIHono, context: ApiContext): void => {
  const { projection, ports, closing } = context;
  /** Ends a wait when the caller goes away or the API closes. */
  const untilClosed = ({ signal }: Request): AbortSignal => (closing === undefined ? signal : AbortSignal.any([signal, closing]));

  api.openapi(startRoute, async (c) => {
    const wanted = c.req.valid('json');
    const { row, isNew } = await startRun(context, wanted, { requestId: readRequestId(c, ports.newId), traceparent: readTraceparent(c) });
    const waited =
      wanted.waitMs === undefined ? row : await projection.awaitRun(row.run, { timeoutMs: wanted.waitMs, signal: untilClosed(c.req.raw) });
    return c.json(await viewResult(context, waited ?? row), isNew ? 201 : 200);
  });

  api.openapi(listRoute, (c) => {
    const { tag = [], ...filter } = c.req.valid('query');
    const page = projection.list({ ...filter, tags: readTags([tag].flat()) });
    return c.json({ runs: page.rows.map(viewRow), ...(page.cursor !== undefined && { cursor: page.cursor }) }, 200);
  });

  api.openapi(showRoute, async (c) => {
    const row = requireRow(context, c.req.valid('param').run);
    return c.json(await viewRun(context, row, c.req.valid('query').history === 'true'), 200);
  });

  api.openapi(resultRoute, async (c) => {
    const { run } = c.req.valid('param');
    const row = await projection.awaitRun(run, { timeoutMs: c.req.valid('query').waitMs ?? 0, signal: untilClosed(c.req.raw) });
    const known = row ?? requireRow(context, run);
    return c.json(await viewResult(context, known), hasEnded(known) ? 200 : 202);
  });
};
