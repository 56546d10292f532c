// Starting, showing, listing and awaiting runs over HTTP.
import { afterEach, describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { PAYLOAD_LIMIT_BYTES } from '../../../src/protocol/limits.ts';
import { started } from '../query/commits.ts';
import { acceptAll, openApi, type ApiHarness } from './api-harness.ts';

let harness: ApiHarness;
afterEach(() => harness.close());

const trip = { app: 'booking', workflow: 'book-trip', input: { to: 'Rome', nights: 2 } };

describe('starting a run', () => {
  it('answers when it has started, and carries what was asked', async () => {
    harness = await openApi();
    const { status, body } = await harness.send(
      'POST',
      '/runs',
      { ...trip, runId: 'trip/1', tags: { customer: '42' } },
      { 'idempotency-key': 'key-1' },
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      runId: 'trip/1',
      app: 'booking',
      workflow: 'book-trip',
      status: 'running',
      tags: { customer: '42' },
      deployment: 'dev',
    });
    expect(harness.sent).toMatchObject([{ type: 'StartRun', run: 'trip/1', requestId: 'key-1', input: { json: trip.input } }]);
  });

  it('takes the request id for the run id where none is given, so that asking again is harmless', async () => {
    harness = await openApi();
    expect((await harness.send('POST', '/runs', trip, { 'idempotency-key': 'key-1' })).body).toMatchObject({ runId: 'key-1' });
    expect(await harness.send('POST', '/runs', trip, { 'idempotency-key': 'key-1' })).toMatchObject({
      status: 200,
      body: { runId: 'key-1' },
    });
    expect(harness.sent).toHaveLength(1);
  });

  it('finds a run that stands with the same input, whatever the order of its keys', async () => {
    harness = await openApi();
    await harness.send('POST', '/runs', { ...trip, runId: 'trip-1' });
    const again = await harness.send('POST', '/runs', { ...trip, input: { nights: 2, to: 'Rome' }, runId: 'trip-1' });
    expect(again.status).toBe(200);
  });

  it('refuses a run id that stands with another input', async () => {
    harness = await openApi();
    await harness.send('POST', '/runs', { ...trip, runId: 'trip-1' });
    const other = await harness.send('POST', '/runs', { ...trip, input: { to: 'Oslo' }, runId: 'trip-1' });
    expect(other).toMatchObject({ status: 409, body: { code: 'RUN_EXISTS', hint: expect.any(String) } });
  });

  it('answers that the workflow is unknown, the first time and every time', async () => {
    const failure = { code: 'WORKFLOW_UNKNOWN', name: 'StarquakeError', message: 'no such workflow' };
    harness = await openApi((message) => {
      const made = acceptAll(message);
      return made && { status: 'refused', events: [...made.events, { type: 'RunRefused', failure }] };
    });
    for (let time = 0; time < 2; time++) {
      expect(await harness.send('POST', '/runs', { ...trip, runId: 'trip-1' })).toMatchObject({
        status: 404,
        body: { code: 'WORKFLOW_UNKNOWN', message: 'no such workflow' },
      });
    }
  });

  it('waits for the result when asked to', async () => {
    harness = await openApi((message) => {
      const made = acceptAll(message);
      return (
        made && {
          status: 'completed',
          events: [...made.events, { type: 'RunCompleted', command: 1, cause: 1, output: { json: { booked: true } } }],
        }
      );
    });
    expect(await harness.send('POST', '/runs', { ...trip, waitMs: 60_000 })).toMatchObject({
      status: 201,
      body: { status: 'completed', output: { booked: true } },
    });
  });

  it('says that the outcome was not seen in time, with what to do', async () => {
    harness = await openApi(() => undefined);
    const asked = harness.send('POST', '/runs', trip);
    while (harness.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    harness.clock.advance(10_000);
    expect(await asked).toMatchObject({
      status: 504,
      body: { code: 'REQUEST_TIMED_OUT', hint: expect.stringContaining('Idempotency-Key') },
    });
  });

  it('puts a large input into the payload store first, and shows it whole', async () => {
    harness = await openApi();
    const text = 'x'.repeat(100_000);
    await harness.send('POST', '/runs', { ...trip, input: { text }, runId: 'large' });
    expect(harness.sent).toMatchObject([{ input: { link: { bytes: text.length + '{"text":""}'.length } } }]);
    expect((await harness.send('GET', '/runs/large')).body).toMatchObject({ input: { text } });
  });
});

describe('a request that cannot be used', () => {
  it('gets a code, what happened and what to do', async () => {
    harness = await openApi();
    const post = async (body: string, type = 'application/json'): Promise<unknown> => {
      const response = await harness.api.request('/runs', { method: 'POST', body, headers: { 'content-type': type } });
      return { status: response.status, ...((await response.json()) as object) };
    };
    expect(await post('{"app":')).toMatchObject({ status: 400, code: 'REQUEST_INVALID', message: expect.stringContaining('JSON') });
    expect(await post('{"app":"booking"}')).toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('workflow'),
    });
    expect(await post('{}', 'text/plain')).toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
      hint: expect.stringContaining('Content-Type'),
    });
    expect(await harness.send('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'REQUEST_INVALID' } });
    expect(await harness.send('GET', '/runs?status=odd')).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID', message: expect.stringContaining('status') },
    });
    expect(await harness.send('GET', '/runs?tag=odd')).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(harness.sent).toEqual([]);
  });

  it('is cut off while it is read when it is over the limit', async () => {
    harness = await openApi();
    const chunk = new Uint8Array(1024 * 1024);
    let left = PAYLOAD_LIMIT_BYTES / chunk.length + 1;
    const body = new ReadableStream({ pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()) });
    const response = await harness.api.request('/runs', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});

describe('looking at runs', () => {
  const completed: NewEvent = { type: 'RunCompleted', command: 1, cause: 1, output: { json: 'done' } };

  it('shows one with its input, its output and, if asked, its history', async () => {
    harness = await openApi();
    await harness.commit('trip/1 %', [started(), { type: 'StatusSet', command: 1, cause: 1, status: 'paying' }], 'running');
    await harness.commit('trip/1 %', [completed], 'completed');
    const path = `/runs/${encodeURIComponent('trip/1 %')}`;
    const shown = await harness.send('GET', path);
    expect(shown).toMatchObject({
      status: 200,
      body: { runId: 'trip/1 %', status: 'completed', says: 'paying', input: { to: 'Rome' }, output: 'done', version: 2 },
    });
    expect(shown.body).not.toHaveProperty('history');
    expect((await harness.send('GET', `${path}?history=true`)).body).toMatchObject({
      history: [
        { number: 1, type: 'RunStarted' },
        { number: 2, type: 'StatusSet' },
        { number: 3, type: 'RunCompleted' },
      ],
    });
  });

  it('answers that a run is unknown', async () => {
    harness = await openApi();
    expect(await harness.send('GET', '/runs/nope')).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
    expect(await harness.send('GET', '/runs/nope/result')).toMatchObject({ status: 404, body: { code: 'RUN_UNKNOWN' } });
  });

  it('lists by filter, page by page', async () => {
    harness = await openApi();
    for (const run of ['a', 'b', 'c']) {
      await harness.commit(run, [started({ tags: { odd: String(run !== 'b'), x: '=' } })], 'running');
      harness.clock.advance(1);
    }
    const { body } = await harness.send('GET', '/runs?tag=odd=true&tag=x==&limit=1&app=booking&workflow=book-trip&status=running');
    expect(body).toMatchObject({ runs: [{ runId: 'c' }], cursor: expect.any(String) });
    const next = await harness.send('GET', `/runs?tag=odd=true&limit=1&cursor=${String(body['cursor'])}`);
    expect(next.body).toMatchObject({ runs: [{ runId: 'a' }] });
    expect(next.body).not.toHaveProperty('cursor');
  });

  it('awaits a run that has not even started, and answers 202 while it goes on', async () => {
    harness = await openApi();
    const awaited = harness.send('GET', '/runs/r/result?waitMs=60000');
    await harness.commit('r', [started()], 'running');
    expect(await harness.send('GET', '/runs/r/result')).toMatchObject({ status: 202, body: { status: 'running' } });
    await harness.commit('r', [completed], 'completed');
    expect(await awaited).toMatchObject({ status: 200, body: { outcome: 'completed', output: 'done' } });
  });
});
