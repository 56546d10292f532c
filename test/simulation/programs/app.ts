// The app that simulated runs belong to: one workflow that runs any program, and jobs of every kind of policy.
import { app, job, signal, workflow, type Flow, type Job } from 'starquake';
import { interpret } from './interpret.ts';
import type { JobInput, JobName, Program } from './program.ts';

const run = (): string => {
  throw new Error('The simulated world runs jobs by itself.');
};

/** Is tried until it succeeds, so that what becomes of it never depends on the platform. */
const steady = { maxAttempts: 10_000, firstDelay: '200ms', factor: 1.5, maxDelay: '5s', exhausted: 'fail' } as const;

export const jobs: Readonly<Record<JobName, Job<JobInput, string>>> = {
  steady: job({ name: 'steady', timeout: '6s', retry: steady, run }),
  brief: job({ name: 'brief', timeout: '4s', retry: { maxAttempts: 3, firstDelay: '1s', factor: 2, maxDelay: '1m' }, run }),
  judged: job({
    name: 'judged',
    timeout: '4s',
    retry: (error, attempt) => (attempt < 4 && error.code !== 'REFUSED' ? attempt * 300 : 'stop'),
    run,
  }),
  hasty: job({ name: 'hasty', timeout: '5s', totalTimeout: '12s', retry: { maxAttempts: 5, firstDelay: '2s' }, run }),
  held: job({ name: 'held', timeout: '4s', retry: { maxAttempts: 2, firstDelay: '500ms', exhausted: 'hold' }, run }),
  single: job({ name: 'single', timeout: '3s', maxConcurrency: 1, retry: { maxAttempts: 4 }, run }),
  undo: job({ name: 'undo', timeout: '6s', retry: steady, run }),
};

export const program = workflow({
  name: 'program',
  run: (input: Program, flow: Flow<Program>): Promise<unknown> => interpret({ flow, jobs, workflow: program, signal }, input),
});

/** The app of the simulated world. */
const simulatedApp = app({ name: 'sim', workflows: [program], jobs: Object.values(jobs) });

export { simulatedApp as default };
