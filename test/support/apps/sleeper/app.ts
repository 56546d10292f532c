// A workflow that sleeps until a time and says how much later it woke, for the tests of timers on a real broker.
import { app, workflow } from 'starquake';

const sleepUntil = workflow({
  name: 'sleep-until',
  async run(until: number, flow) {
    await flow.sleepUntil(until);
    // The time of the event that ended the sleep.
    return flow.now() - until;
  },
});

export default app({ name: 'sleeper', workflows: [sleepUntil], jobs: [] });
