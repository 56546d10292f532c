// A workflow that loops for ever: its decision is cut off, its run is blocked and can be terminated, others go on all the while.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complete, expectOthersGoOn, startBadEngine, type BadEngine } from './bad-engine.ts';

let bad: BadEngine;
beforeAll(async () => void (bad = await startBadEngine()), 30_000);
afterAll(() => bad.stop());

describe('a workflow that loops for ever', { timeout: 60_000 }, () => {
  it('is blocked, with the time of its next try, and ends when it is terminated; others go on', async () => {
    const others = Array.from({ length: 20 }, async (_, index) => {
      await pause(index * 5);
      return complete(bad, 'hello', `number ${index}`);
    });
    await bad.client.start({ app: 'bad', name: 'looping' }, undefined, { runId: 'looping' });
    const blocked = await bad.engine.projection.waitUntil(
      'looping',
      () => {
        const row = bad.engine.projection.find('looping');
        return row?.status === 'blocked' ? row : undefined;
      },
      { timeoutMs: 30_000 },
    );
    expect(blocked).toMatchObject({
      failure: { code: 'DECISION_TIMED_OUT', message: expect.stringMatching(/\d+ ms/) },
      nextTryAt: expect.any(Number),
    });
    expect((await Promise.all(others)).map(({ output }) => output)).toEqual(others.map((_, index) => `hello number ${index}`));
    await expectOthersGoOn(bad);
    await expect(bad.client.cancel('looping')).rejects.toMatchObject({
      code: 'CANCEL_BLOCKED',
      hint: expect.stringContaining('terminate'),
    });
    expect(await bad.client.terminate('looping')).toMatchObject({ status: 'terminated' });
    await expectOthersGoOn(bad);
  });
});
