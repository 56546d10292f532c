// Opening and closing the API's port.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi } from '../../../src/api/start-api.ts';
import { started } from '../query/commits.ts';
import { openApi, type ApiHarness } from './api-harness.ts';

let harness: ApiHarness;
beforeEach(async () => void (harness = await openApi()));
afterEach(() => harness.close());

const start = (port: number): ReturnType<typeof startApi> => startApi(harness.context.ports, harness.context.projection, { port });

describe('the API', () => {
  it('listens on this machine only, on any free port if asked for 0', async () => {
    const api = await start(0);
    expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(await (await fetch(`${api.url}/health`)).json()).toEqual({ status: 'ok' });
    await api.close();
    await expect(fetch(`${api.url}/health`)).rejects.toThrow('fetch failed');
  });

  it('says that a port is taken', async () => {
    const api = await start(0);
    await expect(start(Number(new URL(api.url).port))).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await api.close();
  });

  it('answers whoever waits for a run when it closes', async () => {
    const api = await start(0);
    await harness.commit('r', [started()], 'running');
    const waiting = fetch(`${api.url}/runs/r/result?waitMs=60000`);
    // Asked on the same kind of connection later, so the first request has been read by then.
    await fetch(`${api.url}/health`);
    const [answer] = await Promise.all([waiting, api.close()]);
    expect(answer.status).toBe(202);
  });
});
