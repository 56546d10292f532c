// A workflow that loops for ever: its decision is cut off, its run is blocked and can be terminated, others go on all the while.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOthersGoOn, startBadEngine, type BadEngine } from './bad-engine.ts';

let bad: BadEngine;
beforeAll(async () => void (bad = await startBadEngine()), 30_000);
afterAll(() => bad.stop());

describe('a workflow that loops for ever', { timeout: 60_000 }, () => {
  it('is blocked with the time of its next try, and ends when it is terminated; others go on all the while', async () => {
    const { engine, client } = bad;
    const published = new Promise<void>((resolve) => engine.watchMessages(({ key }) => key === 'looping' && resolve()));
    const started = client.start({ app: 'bad', name: 'looping' }, undefined, { runId: 'looping' });
    await published;
    await Promise.all(Array.from({ length: 20 }, () => expectOthersGoOn(bad)));
    // It is still in its first decision.
    expect(engine.projection.find('looping')).toBeUndefined();

    await started;
    expect(await client.show('looping')).toMatchObject({
      status: 'blocked',
      failure: { code: 'DECISION_TIMED_OUT', message: expect.stringMatching(/\d+ ms/) },
      nextTryAt: expect.any(Number),
    });
    await Promise.all(Array.from({ length: 20 }, () => expectOthersGoOn(bad)));
    await expect(client.cancel('looping')).rejects.toMatchObject({
      code: 'CANCEL_BLOCKED',
      hint: expect.stringContaining('terminate'),
    });
    expect(await client.terminate('looping')).toMatchObject({ status: 'terminated' });
    await expectOthersGoOn(bad);
  });
});
