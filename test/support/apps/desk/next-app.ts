// The desk as a later deployment has it: some code has changed.
import { app, workflow } from 'starquake';
import { deskJobs, undoWork, work } from './jobs.ts';
import { jobOf, listen, oneJob, sleepThenWork } from './workflows.ts';

/** Asks for another job than before, in the same place. */
const twoJobs = workflow({
  name: 'two-jobs',
  async run(_input: unknown, flow) {
    const first = await flow.run(undoWork, 'first');
    return [first.did];
  },
});

/** Does not throw any more. */
const failing = workflow({
  name: 'failing',
  async run(_input: unknown, flow) {
    await flow.run(work, 'before');
    return 'mended';
  },
});

export const nextDesk = app({
  name: 'desk',
  workflows: [oneJob, twoJobs, jobOf, sleepThenWork, listen, failing],
  jobs: Object.values(deskJobs),
});

export default nextDesk;
