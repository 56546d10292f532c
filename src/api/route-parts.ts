// What the routes have in common: parameters, bodies and answers, as the OpenAPI document names them.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { errorBodySchema, REQUEST_ID_HEADER, runViewSchema } from '../client/http-contract.ts';
import { isTraceparent } from '../protocol/trace-context.ts';

const runId = z.string().min(1).max(500).meta({ description: 'Run id, URL-encoded.', example: 'trip-1' });
const eventNumber = z.coerce.number().pipe(z.int().positive());

/** Parameters in paths. */
export const params = {
  run: z.object({ run: runId }),
  signal: z.object({ run: runId, signal: z.string().min(1).max(200) }),
  job: z.object({ run: runId, job: eventNumber.meta({ description: "The job's event number." }) }),
  timer: z.object({ run: runId, timer: eventNumber.meta({ description: "The timer's event number." }) }),
  token: z.object({ token: z.string().min(1).max(4000) }),
  schedule: z.object({ app: z.string().min(1).max(80), schedule: z.string().min(1).max(80) }),
};

/** The header that makes a request count once. */
export const requestHeaders = z.object({
  [REQUEST_ID_HEADER.toLowerCase()]: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Names the request: sent again, it counts once. Made up when left out.' }),
});

/** A JSON body. */
export const body = <S extends z.ZodType>(schema: S, required = true) => ({ required, content: { 'application/json': { schema } } });

/** A JSON answer. */
export const answer = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** What every route may answer instead. */
export const errors = { default: answer(errorBodySchema, 'Refused: a code, what happened and what to do.') };

/** The answer of most requests: the run as it stands after them. */
export const runAnswers = { 200: answer(runViewSchema, 'It has happened: the run as it stands.'), ...errors };

/** The request id of a request: its own, or a new one. */
export const readRequestId = (c: Context, newId: () => string): string => c.req.header(REQUEST_ID_HEADER) ?? newId();

/** The trace context of a request, if it has one that can be read; another is ignored, as the standard has it. */
export const readTraceparent = (c: Context): string | undefined => {
  const header = c.req.header('traceparent');
  return header !== undefined && isTraceparent(header) ? header : undefined;
};
