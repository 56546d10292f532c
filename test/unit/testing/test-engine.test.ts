// The test kit as an author uses it: the booking app on virtual time, with and without stand-ins for its jobs.
import { afterEach, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from 'starquake/testing';
import { bookTrip } from '../../../workflows/booking/book-trip.ts';

const entry = 'workflows/booking/app.ts';
const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 480, zone: 'Europe/Paris' };

describe('the test engine', () => {
  let engine: TestEngine | undefined;
  const open = async (...parameters: Parameters<typeof openTestEngine>): Promise<TestEngine> =>
    (engine = await openTestEngine(...parameters));
  afterEach(() => engine?.close());

  it('runs a real app, and a wait until Monday takes no time', async () => {
    const { start, now } = await bind(open({ entry, startAt: Date.UTC(2026, 10, 25, 12) }));
    const run = await start(bookTrip, trip);
    expect(await run.result()).toMatchObject({ payment: { amount: 480 }, hotel: { city: 'Rome' } });
    expect(new Date(now()).toISOString()).toMatch(/^2026-11-30T08:00:0/);
  });

  it('puts stand-ins in the place of jobs', async () => {
    const { start } = await bind(open({ entry, jobs: { 'process-payment': () => ({ receipt: 'r-1', amount: 1 }) } }));
    expect(await (await start(bookTrip, { ...trip, shortWait: '1s' })).result()).toMatchObject({ payment: { receipt: 'r-1' } });
  });

  it('tells the failure of a run, after all that was done is undone', async () => {
    const undone: unknown[] = [];
    const jobs = {
      'book-hotel': () => {
        throw Object.assign(new Error('The hotel is full.'), { name: 'NotRetryableError' });
      },
      'cancel-flight': (booked: unknown) => undone.push(booked),
    };
    const { start } = await bind(open({ entry, jobs }));
    const run = await start(bookTrip, trip);
    await expect(run.result()).rejects.toMatchObject({ code: 'RUN_FAILED' });
    expect(undone).toHaveLength(1);
    expect((await run.history()).at(-1)).toMatchObject({ type: 'RunFailed' });
  });

  it('cancels a run that sleeps', async () => {
    const { start, pass } = await bind(open({ entry }));
    const run = await start(bookTrip, trip);
    await pass('1 minute');
    await run.cancel('no longer wanted');
    await expect(run.result()).rejects.toMatchObject({ code: 'RUN_CANCELED' });
  });
});

const bind = async (opening: Promise<TestEngine>) => {
  const engine = await opening;
  return {
    start: engine.start.bind(engine),
    now: () => engine.now(),
    pass: (duration: '1 minute') => engine.pass(duration),
  };
};
