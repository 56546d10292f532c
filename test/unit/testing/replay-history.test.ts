// Replaying recorded histories as an author does it: code that agrees passes, code that was changed without a guard does not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine, replayHistory, type ReplayOptions } from 'starquake/testing';
import { bookTrip } from '../../../workflows/booking/book-trip.ts';

const entry = 'workflows/booking/app.ts';
const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 480, zone: 'Europe/Paris', shortWait: '1s' } as const;

describe('a recorded history', () => {
  let events: ReplayOptions['events'] = [];
  let close = (): Promise<void> => Promise.resolve();

  beforeAll(async () => {
    const engine = await openTestEngine({ entry });
    close = () => engine.close();
    const run = await engine.start(bookTrip, trip);
    await run.result();
    // As it comes back from a file.
    events = JSON.parse(JSON.stringify(await run.history()));
  });
  afterAll(() => close());

  it('replays with the code that made it', async () => {
    await expect(replayHistory({ entry, workflow: bookTrip, events })).resolves.toBeUndefined();
  });

  it('does not replay once a job has another name', async () => {
    const renamed = events.map((event) => (event.type === 'JobScheduled' ? { ...event, job: `old-${event.job}` } : event));
    await expect(replayHistory({ entry, workflow: bookTrip, events: renamed })).rejects.toMatchObject({ code: 'NON_DETERMINISTIC' });
  });

  it('does not replay when the code asks for more than was recorded', async () => {
    const cut = events.slice(
      0,
      events.findIndex(({ type }) => type === 'JobScheduled'),
    );
    await expect(replayHistory({ entry, workflow: bookTrip, events: cut })).rejects.toMatchObject({ code: 'NON_DETERMINISTIC' });
  });

  it('is of a workflow that the app has', async () => {
    await expect(replayHistory({ entry, workflow: 'no-such-thing', events })).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' });
  });
});
