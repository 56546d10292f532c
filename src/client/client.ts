// The client of the HTTP API: what services and the CLI use to start runs, await them and ask things of them.
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { App } from '../sdk/app.ts';
import type { Workflow } from '../sdk/flow.ts';
import type { Signal } from '../sdk/signal.ts';
import { createHttpCaller, type Fetch } from './http-caller.ts';
import {
  LONGEST_WAIT_MS,
  runListSchema,
  runViewSchema,
  scheduleListSchema,
  scheduleViewSchema,
  type RunList,
  type RunView,
  type ScheduleBody,
  type ScheduleView,
} from './http-contract.ts';
import { readOutcome } from './read-outcome.ts';

/** Where the API is. */
export interface ClientOptions {
  /** Default http://127.0.0.1:4400. */
  readonly url?: string;
  /** The app that workflows belong to where nothing else is said. */
  readonly app?: string | Pick<App, 'name'>;
  readonly fetch?: Fetch;
}

/** A workflow by its name, where its code is not at hand. */
export interface WorkflowName {
  readonly app: string;
  readonly name: string;
}

/** Options of every request. */
export interface RequestOptions {
  /** Names the request: sent again under the same id, it counts once. Made up when left out. */
  readonly requestId?: string;
  /** Gives the call up; what was asked may happen all the same. */
  readonly signal?: AbortSignal;
}

/** How to start a run. */
export interface StartOptions extends RequestOptions {
  /** Starting a run id twice with the same input is harmless; with another it is refused. Made up when left out. */
  readonly runId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly deployment?: string;
  readonly app?: string | Pick<App, 'name'>;
}

/** How long to wait for a run. */
export interface AwaitOptions {
  /** Milliseconds. Default: for ever. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A run that was started. */
export interface RunHandle<Output> {
  readonly runId: string;
  /**
   * Waits for the run's output.
   *
   * @throws RUN_FAILED, RUN_CANCELED, RUN_TERMINATED, REQUEST_TIMED_OUT when `timeoutMs` are over
   */
  result(options?: AwaitOptions): Promise<Output>;
}

/** Which runs to list. */
export interface ListOptions {
  readonly app?: string;
  readonly workflow?: string;
  readonly status?: RunView['status'];
  readonly tags?: Readonly<Record<string, string>>;
  /** Up to 1,000. Default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** How a job that answers later failed. */
export interface FailureReport {
  readonly message: string;
  readonly code?: string;
  readonly name?: string;
  readonly data?: unknown;
}

/** Starts runs, awaits them and asks things of them. Every request resolves when it has happened. */
export interface Client {
  /** @throws RUN_EXISTS, WORKFLOW_UNKNOWN, PAYLOAD_TOO_LARGE, REQUEST_TIMED_OUT, CONNECTION_FAILED */
  start<I, O>(workflow: Workflow<I, O>, input: NoInfer<I>, options?: StartOptions): Promise<RunHandle<O>>;
  start(workflow: WorkflowName, input?: unknown, options?: StartOptions): Promise<RunHandle<unknown>>;
  /** The run once it has ended, or as it stands when the wait is over. @throws RUN_UNKNOWN */
  await(runId: string, options?: AwaitOptions): Promise<RunView>;
  /** @throws RUN_UNKNOWN */
  show(runId: string, options?: { readonly history?: boolean }): Promise<RunView>;
  /** A page of runs, newest first. */
  list(options?: ListOptions): Promise<RunList>;
  /** Sends a signal; a run that does not exist yet will find it when it starts. @throws RUN_CLOSED */
  signal<T>(runId: string, signal: Signal<T> | string, value?: T, options?: RequestOptions): Promise<RunView>;
  /** @throws RUN_CLOSED, CANCEL_BLOCKED */
  cancel(runId: string, reason?: string, options?: RequestOptions): Promise<RunView>;
  /** @throws RUN_CLOSED */
  terminate(runId: string, reason?: string, options?: RequestOptions): Promise<RunView>;
  pause(runId: string, options?: RequestOptions): Promise<RunView>;
  resume(runId: string, options?: RequestOptions): Promise<RunView>;
  /** Retries a failed run from what failed. @throws RUN_NOT_FAILED, REACTED, RETRY_PARENT */
  retry(runId: string, options?: RequestOptions): Promise<RunView>;
  /** @param job - its event number, as `show` tells. @throws JOB_NOT_OPEN */
  retryJob(runId: string, job: number, options?: RequestOptions & { readonly newKey?: boolean }): Promise<RunView>;
  cancelJob(runId: string, job: number, options?: RequestOptions): Promise<RunView>;
  completeJob(runId: string, job: number, output?: unknown, options?: RequestOptions): Promise<RunView>;
  /** @param timer - its event number, as `show` tells. @throws NOT_DUE */
  fireTimer(runId: string, timer: number, options?: RequestOptions): Promise<RunView>;
  /** Completes a job that called `attempt.completeLater()`. @throws JOB_NOT_OPEN */
  completeByToken(token: string, output?: unknown): Promise<RunView>;
  /** Fails a job that called `attempt.completeLater()`. @throws JOB_NOT_OPEN */
  failByToken(token: string, failure: FailureReport): Promise<RunView>;
  listSchedules(app?: string): Promise<readonly ScheduleView[]>;
  /** Makes a schedule, or gives it another definition. @throws CALENDAR_RULE_INVALID */
  putSchedule(app: string, name: string, definition: ScheduleBody, options?: RequestOptions): Promise<ScheduleView>;
  orderSchedule(app: string, name: string, order: 'pause' | 'resume' | 'trigger', options?: RequestOptions): Promise<ScheduleView>;
}

const part = encodeURIComponent;
const runPath = (runId: string, rest = ''): string => `/runs/${part(runId)}${rest}`;

/**
 * A client of the API at a URL.
 *
 * @throws SETTINGS_INVALID if the URL is none
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:4400', app: 'booking' });
 * const run = await client.start(bookTrip, trip, { runId: 'trip-1', tags: { customer: '42' } });
 * const booked = await run.result({ timeoutMs: 60_000 });
 */
export const createClient = (options: ClientOptions = {}): Client => {
  const call = createHttpCaller(options.url ?? 'http://127.0.0.1:4400', options.fetch ?? ((url, init) => fetch(url, init)));

  const post = (path: string, body: unknown, { requestId = crypto.randomUUID(), signal }: RequestOptions = {}): Promise<RunView> =>
    call({ method: 'POST', path, body, requestId, signal, schema: runViewSchema });

  const awaitRun = async (runId: string, { timeoutMs = Infinity, signal }: AwaitOptions = {}): Promise<RunView> => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const waitMs = Math.max(0, Math.min(LONGEST_WAIT_MS, deadline - Date.now()));
      const run = await call({
        method: 'GET',
        path: runPath(runId, `/result?waitMs=${Math.ceil(waitMs)}`),
        schema: runViewSchema,
        signal,
        waitMs,
      });
      if (run.closedAt !== undefined || Date.now() >= deadline) return run;
    }
  };

  const start = async (
    workflow: Workflow<never, unknown> | WorkflowName,
    input?: unknown,
    wanted: StartOptions = {},
  ): Promise<RunHandle<unknown>> => {
    const { requestId = crypto.randomUUID(), runId = requestId, tags, deployment, signal } = wanted;
    const app = 'app' in workflow ? workflow.app : readName(wanted.app ?? options.app, workflow.name);
    await post('/runs', { app, workflow: workflow.name, input, runId, tags, deployment }, { requestId, ...(signal && { signal }) });
    return { runId, result: async (waiting = {}) => readOutcome(await awaitRun(runId, waiting)) };
  };

  return {
    start,
    await: awaitRun,
    show: (runId, { history = false } = {}) =>
      call({ method: 'GET', path: runPath(runId, history ? '?history=true' : ''), schema: runViewSchema }),
    list: (wanted = {}) => call({ method: 'GET', path: `/runs${writeQuery(wanted)}`, schema: runListSchema }),
    signal: (runId, signal, value, rest) =>
      post(runPath(runId, `/signals/${part(typeof signal === 'string' ? signal : signal.name)}`), { value }, rest),
    cancel: (runId, reason, rest) => post(runPath(runId, '/cancel'), { reason }, rest),
    terminate: (runId, reason, rest) => post(runPath(runId, '/terminate'), { reason }, rest),
    pause: (runId, rest) => post(runPath(runId, '/pause'), undefined, rest),
    resume: (runId, rest) => post(runPath(runId, '/resume'), undefined, rest),
    retry: (runId, rest) => post(runPath(runId, '/retry'), undefined, rest),
    retryJob: (runId, job, { newKey, ...rest } = {}) => post(runPath(runId, `/jobs/${job}/retry`), { newKey }, rest),
    cancelJob: (runId, job, rest) => post(runPath(runId, `/jobs/${job}/cancel`), undefined, rest),
    completeJob: (runId, job, output, rest) => post(runPath(runId, `/jobs/${job}/complete`), { output }, rest),
    fireTimer: (runId, timer, rest) => post(runPath(runId, `/timers/${timer}/fire`), undefined, rest),
    completeByToken: (token, output) => post(`/completions/${part(token)}`, { output }),
    failByToken: (token, failure) => post(`/completions/${part(token)}`, { failure }),
    listSchedules: async (app) =>
      (await call({ method: 'GET', path: `/schedules${app === undefined ? '' : `?app=${part(app)}`}`, schema: scheduleListSchema }))
        .schedules,
    putSchedule: (app, name, body, { requestId = crypto.randomUUID(), signal } = {}) =>
      call({ method: 'PUT', path: `/schedules/${part(app)}/${part(name)}`, body, requestId, signal, schema: scheduleViewSchema }),
    orderSchedule: (app, name, order, { requestId = crypto.randomUUID(), signal } = {}) =>
      call({ method: 'POST', path: `/schedules/${part(app)}/${part(name)}/${order}`, requestId, signal, schema: scheduleViewSchema }),
  };
};

const readName = (app: ClientOptions['app'], workflow: string): string => {
  if (app === undefined) {
    throw new StarquakeError('REQUEST_INVALID', `Which app the workflow "${workflow}" belongs to was not said.`, {
      hint: 'Pass `app` to createClient, or in the options of `start`.',
    });
  }
  return typeof app === 'string' ? app : app.name;
};

const writeQuery = ({ tags = {}, limit, ...rest }: ListOptions): string => {
  const query = new URLSearchParams(Object.entries(rest).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  if (limit !== undefined) query.set('limit', String(limit));
  for (const [name, value] of Object.entries(tags)) query.append('tag', `${name}=${value}`);
  return query.size === 0 ? '' : `?${query.toString()}`;
};
