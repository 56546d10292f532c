// Routes that ask something of a run, a job or a timer; each answers when it has happened.
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { completeJobBodySchema, reasonBodySchema, retryJobBodySchema, signalBodySchema } from '../client/http-contract.ts';
import type { ApiContext } from './api-context.ts';
import { request } from './request-desk.ts';
import { body, params, readRequestId, requestHeaders, runAnswers } from './route-parts.ts';
import { viewRow } from './run-view.ts';
import { packValue } from './values.ts';

const UNEXPLAINED = 'asked for over the API';

const route = <P extends string, R extends object>(path: P, summary: string, rest: R) =>
  createRoute({ method: 'post', path, summary, request: { headers: requestHeaders, ...rest }, responses: runAnswers });

const routes = {
  signal: route('/runs/{run}/signals/{signal}', 'Send a signal; a run that is not there yet will find it', {
    params: params.signal,
    body: body(signalBodySchema, false),
  }),
  cancel: route('/runs/{run}/cancel', 'Cancel a run: its code cleans up and compensates', {
    params: params.run,
    body: body(reasonBodySchema, false),
  }),
  terminate: route('/runs/{run}/terminate', 'End a run at once, without asking its code', {
    params: params.run,
    body: body(reasonBodySchema, false),
  }),
  pause: route('/runs/{run}/pause', 'Stop deciding for a run', { params: params.run }),
  resume: route('/runs/{run}/resume', 'Decide for a paused run again', { params: params.run }),
  retry: route('/runs/{run}/retry', 'Retry a failed run from what failed', { params: params.run }),
  retryJob: route('/runs/{run}/jobs/{job}/retry', 'Attempt an open or held job anew', {
    params: params.job,
    body: body(retryJobBodySchema, false),
  }),
  cancelJob: route('/runs/{run}/jobs/{job}/cancel', 'Give a job up', { params: params.job }),
  completeJob: route('/runs/{run}/jobs/{job}/complete', 'Say what a job came to', {
    params: params.job,
    body: body(completeJobBodySchema, false),
  }),
  fireTimer: route('/runs/{run}/timers/{timer}/fire', 'Fire a timer now', { params: params.timer }),
};

/** Adds the routes. */
export const addRequestRoutes = (api: OpenAPIHono, context: ApiContext): void => {
  addRunRequests(api, context);
  addJobRequests(api, context);
};

const addRunRequests = (api: OpenAPIHono, context: ApiContext): void => {
  const { payloads, newId } = context.ports;

  api.openapi(routes.signal, async (c) => {
    const { run, signal } = c.req.valid('param');
    const value = await packValue(payloads, run, c.req.valid('json').value);
    return c.json(viewRow(await request(context, { type: 'Signal', run, signal, value, requestId: readRequestId(c, newId) })), 200);
  });
  api.openapi(routes.cancel, async (c) => {
    const { reason = UNEXPLAINED } = c.req.valid('json');
    return c.json(
      viewRow(await request(context, { type: 'Cancel', ...c.req.valid('param'), reason, requestId: readRequestId(c, newId) })),
      200,
    );
  });
  api.openapi(routes.terminate, async (c) => {
    const { reason = UNEXPLAINED } = c.req.valid('json');
    return c.json(
      viewRow(await request(context, { type: 'Terminate', ...c.req.valid('param'), reason, requestId: readRequestId(c, newId) })),
      200,
    );
  });
  api.openapi(routes.pause, async (c) =>
    c.json(viewRow(await request(context, { type: 'Pause', ...c.req.valid('param'), requestId: readRequestId(c, newId) })), 200),
  );
  api.openapi(routes.resume, async (c) =>
    c.json(viewRow(await request(context, { type: 'Resume', ...c.req.valid('param'), requestId: readRequestId(c, newId) })), 200),
  );
  api.openapi(routes.retry, async (c) =>
    c.json(viewRow(await request(context, { type: 'RetryRun', ...c.req.valid('param'), requestId: readRequestId(c, newId) })), 200),
  );
};

const addJobRequests = (api: OpenAPIHono, context: ApiContext): void => {
  const { payloads, newId } = context.ports;

  api.openapi(routes.retryJob, async (c) => {
    const { newKey = false } = c.req.valid('json');
    return c.json(
      viewRow(await request(context, { type: 'RetryJob', ...c.req.valid('param'), newKey, requestId: readRequestId(c, newId) })),
      200,
    );
  });
  api.openapi(routes.cancelJob, async (c) =>
    c.json(viewRow(await request(context, { type: 'CancelJob', ...c.req.valid('param'), requestId: readRequestId(c, newId) })), 200),
  );
  api.openapi(routes.completeJob, async (c) => {
    const output = await packValue(payloads, c.req.valid('param').run, c.req.valid('json').output);
    return c.json(
      viewRow(await request(context, { type: 'CompleteJob', ...c.req.valid('param'), output, requestId: readRequestId(c, newId) })),
      200,
    );
  });
  api.openapi(routes.fireTimer, async (c) =>
    c.json(viewRow(await request(context, { type: 'FireTimer', ...c.req.valid('param'), requestId: readRequestId(c, newId) })), 200),
  );
};
