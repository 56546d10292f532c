// The route by which whoever holds its token completes a job that answers later.
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { completionBodySchema, type CompletionBody } from '../client/http-contract.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { InboxMessage } from '../protocol/messages.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { hasEnded, type RunRow } from '../query/run-row.ts';
import type { ApiContext } from './api-context.ts';
import { readToken, type CompletionTarget } from '../protocol/completion-token.ts';
import { publishToInbox } from './request-desk.ts';
import { body, params, runAnswers } from './route-parts.ts';
import { requireRow } from './run-routes.ts';
import { viewRow } from './run-view.ts';
import { packValue } from './values.ts';

const completeRoute = createRoute({
  method: 'post',
  path: '/completions/{token}',
  summary: 'Complete a job by its token',
  request: { params: params.token, body: body(completionBodySchema) },
  responses: runAnswers,
});

/** Adds the route. */
export const addCompletionRoutes = (api: OpenAPIHono, context: ApiContext): void => {
  api.openapi(completeRoute, async (c) => {
    const completion = readToken(c.req.valid('param').token);
    return c.json(viewRow(await complete(context, completion, c.req.valid('json'))), 200);
  });
};

const complete = async (context: ApiContext, completion: CompletionTarget, said: CompletionBody): Promise<RunRow> => {
  const { projection, requestTimeoutMs } = context;
  const { run, job } = completion;
  const row = requireRow(context, run);
  if (hasEnded(row) && row.status !== 'failed') throw new StarquakeError('RUN_CLOSED', `The run "${run}" has ended as ${row.outcome}.`);
  if (!isOpen(row, job)) throw new StarquakeError('JOB_NOT_OPEN', `Event ${job} of the run "${run}" is no job that is open or held.`);
  await publishToInbox(context, await writeCompletion(context, completion, said, row));
  const closed = await projection.waitUntil(run, () => (isOpen(row, job) ? undefined : row), { timeoutMs: requestTimeoutMs });
  if (closed === undefined)
    throw new StarquakeError(
      'REQUEST_TIMED_OUT',
      `That job ${job} of the run "${run}" was completed was not seen within ${requestTimeoutMs} ms.`,
    );
  return closed;
};

const isOpen = (row: RunRow, number: number): boolean => {
  const job = row.jobs.get(number);
  return job !== undefined && job.state !== 'failed';
};

const writeCompletion = async (
  { ports }: ApiContext,
  completion: CompletionTarget,
  said: CompletionBody,
  row: RunRow,
): Promise<InboxMessage> => {
  const about = { v: PROTOCOL_VERSION, ...completion, attempt: row.attempts.get(completion.job)?.number ?? 1 };
  if (!('failure' in said)) return { type: 'JobSucceeded', ...about, output: await packValue(ports.payloads, completion.run, said.output) };
  const { message, name = 'Error', code = name, data } = said.failure;
  return { type: 'JobFailed', ...about, failure: { code, name, message, ...(data !== undefined && { data }) } };
};
