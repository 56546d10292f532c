// Puts the routes together, with the one place where errors become answers; no port is opened here.
import { OpenAPIHono, createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { z } from 'zod';
import { BODY_LIMIT_BYTES, healthSchema, type ErrorBody } from '../client/http-contract.ts';
import { findHint } from '../protocol/errors.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { ApiContext } from './api-context.ts';
import { addCompletionRoutes } from './completion-routes.ts';
import { findStatus } from './error-status.ts';
import { addRequestRoutes } from './request-routes.ts';
import { answer } from './route-parts.ts';
import { addRunRoutes } from './run-routes.ts';
import { addScheduleRoutes } from './schedule-routes.ts';

const info = {
  title: 'Starquake',
  version: '1',
  description:
    'Start runs, await, show and list them, and ask things of them. Sending a request again with the same Idempotency-Key is harmless.',
};

/** The API as a function from requests to responses. */
export const createApi = (context: ApiContext): OpenAPIHono => {
  const api = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success)
        throw new StarquakeError('REQUEST_INVALID', `The request's ${partNames[result.target]} cannot be used: ${describe(result.error)}`);
    },
  });
  api.onError((error, c) => refuse(c, toStarquakeError(error), context));
  api.notFound((c) =>
    refuse(
      c,
      new StarquakeError('REQUEST_INVALID', `There is no ${c.req.method} ${c.req.path}.`, { hint: 'See /openapi.json for what there is.' }),
      context,
      404,
    ),
  );
  api.use(
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: () => {
        throw new StarquakeError('PAYLOAD_TOO_LARGE', `The body of the request is over the limit of ${BODY_LIMIT_BYTES} bytes.`);
      },
    }),
  );
  addRunRoutes(api, context);
  addRequestRoutes(api, context);
  addCompletionRoutes(api, context);
  addScheduleRoutes(api, context);
  api.openapi(
    createRoute({
      method: 'get',
      path: '/health',
      summary: 'Whether the API answers',
      responses: { 200: answer(healthSchema, 'It does.') },
    }),
    (c) => c.json({ status: 'ok' as const }, 200),
  );
  api.doc31('/openapi.json', { openapi: '3.1.0', info });
  return api;
};

const partNames: Readonly<Record<string, string>> = { json: 'body', param: 'path', query: 'query', header: 'headers' };

const describe = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');

const toStarquakeError = (error: unknown): StarquakeError => {
  if (error instanceof StarquakeError) return error;
  if (error instanceof HTTPException && error.status === 415) {
    return new StarquakeError('REQUEST_INVALID', 'The body is not marked as JSON.', {
      hint: 'Send the header Content-Type: application/json.',
    });
  }
  if (error instanceof HTTPException && error.status < 500)
    return new StarquakeError('REQUEST_INVALID', `${error.message}.`, { hint: 'Send the body as valid JSON.' });
  return new StarquakeError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
};

const refuse = (
  c: Context,
  error: StarquakeError,
  { ports }: ApiContext,
  status: ReturnType<typeof findStatus> = findStatus(error.code),
): Response => {
  if (status === 500 || status === 503) ports.report(error, `answering ${c.req.method} ${c.req.path}`);
  const said: ErrorBody = { code: error.code, message: error.message, hint: findHint(error) };
  return c.json(said, status);
};
