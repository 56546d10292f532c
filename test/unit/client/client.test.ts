// The client: what it sends, what it gives back, and the errors that it makes of refusals.
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { createClient, type Client, type Fetch, type RunHandle } from '../../../src/client/index.ts';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { app } from '../../../src/sdk/app.ts';
import { signal } from '../../../src/sdk/signal.ts';
import { workflow } from '../../../src/sdk/workflow.ts';
import { acceptAll, openApi, type ApiHarness } from '../api/api-harness.ts';
import { scheduled, started } from '../query/commits.ts';

interface Trip {
  readonly to: string;
}

const bookTrip = workflow({ name: 'book-trip', run: (trip: Trip) => Promise.resolve({ booked: trip.to }) });
const booking = app({ name: 'booking', workflows: [bookTrip] });

let harness: ApiHarness;
afterEach(() => harness.close());

const connect = (): Client =>
  createClient({ url: 'http://engine', app: booking, fetch: async (url, init) => harness.api.request(url, init) });

const endWith = async (event: NewEvent, status: 'completed' | 'failed' | 'canceled' | 'terminated'): Promise<Client> => {
  harness = await openApi((message) => {
    const made = acceptAll(message);
    return made && { status, events: [...made.events, event] };
  });
  return connect();
};

describe('starting a run', () => {
  it('gives a handle that waits for the output, with the types of the workflow', async () => {
    const client = await endWith({ type: 'RunCompleted', command: 1, cause: 1, output: { json: { booked: 'Rome' } } }, 'completed');
    const run = await client.start(bookTrip, { to: 'Rome' }, { runId: 'trip/1', tags: { a: 'b' } });
    expectTypeOf(run).toEqualTypeOf<RunHandle<{ booked: string }>>();
    // @ts-expect-error the input of the workflow is a trip
    const misuse = (): unknown => client.start(bookTrip, { from: 'Rome' });
    expect(misuse).toBeTypeOf('function');
    expect(run.runId).toBe('trip/1');
    expect(await run.result()).toEqual({ booked: 'Rome' });
    expect(harness.sent).toMatchObject([
      { type: 'StartRun', app: 'booking', workflow: 'book-trip', input: { json: { to: 'Rome' } }, tags: { a: 'b' } },
    ]);
  });

  it('by name needs no code at hand', async () => {
    harness = await openApi();
    await createClient({ url: 'http://engine/', fetch: async (url, init) => harness.api.request(url, init) }).start(
      { app: 'reports', name: 'nightly' },
      7,
      { runId: 'r' },
    );
    expect(harness.sent).toMatchObject([{ app: 'reports', workflow: 'nightly', input: { json: 7 } }]);
  });

  it('needs to know the app', async () => {
    harness = await openApi();
    const client = createClient({ fetch: async (url, init) => harness.api.request(url, init) });
    await expect(client.start(bookTrip, { to: 'Rome' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      hint: expect.stringContaining('app'),
    });
  });

  it.each([
    ['failed', 'RUN_FAILED', { type: 'RunFailed', command: 1, cause: 1, failure: { code: 'FULL', name: 'Error', message: 'hotel full' } }],
    ['canceled', 'RUN_CANCELED', { type: 'RunCanceled', command: 1, cause: 1, reason: 'hotel full' }],
    ['terminated', 'RUN_TERMINATED', { type: 'RunTerminated', requestId: 'q', reason: 'hotel full' }],
  ] as const)('that ends as %s makes its result throw %s', async (status, code, event) => {
    const client = await endWith(event, status);
    const run = await client.start(bookTrip, { to: 'Rome' });
    await expect(run.result()).rejects.toMatchObject({ code, message: expect.stringContaining('hotel full') });
  });

  it('and not waiting long enough throws that it goes on', async () => {
    harness = await openApi();
    const run = await connect().start(bookTrip, { to: 'Rome' });
    await expect(run.result({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
  });
});

describe('asking things of runs', () => {
  it('sends each request to its run, named so that it counts once', async () => {
    harness = await openApi();
    await harness.commit('r', [started(), scheduled('pay')], 'running');
    const client = connect();
    const named = { requestId: 'key-1' };
    await client.signal('r', signal<{ by: string }>('approved'), { by: 'ada' }, named);
    await client.signal('r', 'approved');
    await client.cancel('r', 'enough');
    await client.terminate('r');
    await client.pause('r');
    await client.resume('r');
    await client.retry('r');
    await client.retryJob('r', 2, { newKey: true });
    await client.cancelJob('r', 2);
    await client.completeJob('r', 2, 'done');
    await client.fireTimer('r', 3);
    expect(harness.sent.map(({ type }) => type)).toEqual([
      'Signal',
      'Signal',
      'Cancel',
      'Terminate',
      'Pause',
      'Resume',
      'RetryRun',
      'RetryJob',
      'CancelJob',
      'CompleteJob',
      'FireTimer',
    ]);
    expect(harness.sent[0]).toMatchObject({ requestId: 'key-1', value: { json: { by: 'ada' } } });
    const ids = harness.sent.map((message) => ('requestId' in message ? message.requestId : ''));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows and lists', async () => {
    harness = await openApi();
    await harness.commit('r', [started({ tags: { a: 'b=c' } }), scheduled('pay')], 'running');
    const client = connect();
    expect(await client.show('r', { history: true })).toMatchObject({
      status: 'running',
      waitingFor: { jobs: [{ number: 2, name: 'pay', state: 'open' }] },
      history: [{ type: 'RunStarted' }, { job: 'pay' }],
    });
    expect(await client.list({ app: 'booking', status: 'running', tags: { a: 'b=c' }, limit: 5 })).toMatchObject({
      runs: [{ runId: 'r' }],
    });
    expect(await client.list({ status: 'failed' })).toEqual({ runs: [] });
  });

  it('makes and orders schedules', async () => {
    harness = await openApi();
    const client = connect();
    await client.putSchedule('reports', 'nightly', { cron: '0 3 * * *', zone: 'Europe/Paris', workflow: 'report' });
    expect(await client.orderSchedule('reports', 'nightly', 'pause')).toMatchObject({ name: 'nightly' });
    expect(await client.listSchedules('reports')).toHaveLength(1);
  });
});

describe('what goes wrong', () => {
  it('is the error that the server told of', async () => {
    harness = await openApi();
    await expect(connect().show('nope')).rejects.toMatchObject({
      name: 'StarquakeError',
      code: 'RUN_UNKNOWN',
      message: expect.stringContaining('nope'),
      hint: expect.any(String),
    });
  });

  it.each([
    ['nobody answers', () => Promise.reject(new TypeError('fetch failed'))],
    ['something else answers', () => Promise.resolve(new Response('<html>', { status: 200 }))],
    ['a gateway answers', () => Promise.resolve(new Response('Bad Gateway', { status: 502 }))],
  ] satisfies readonly [string, Fetch][])('is CONNECTION_FAILED where %s', async (_, fetch) => {
    harness = await openApi();
    await expect(createClient({ url: 'http://engine', fetch }).list()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  it('is SETTINGS_INVALID where the URL is none', async () => {
    harness = await openApi();
    expect(() => createClient({ url: 'nonsense' })).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});
