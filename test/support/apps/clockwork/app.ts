// An app with a schedule of each kind of overlap.
import { app, schedule, workflow, type Schedule } from 'starquake';
import { work } from '../desk/jobs.ts';

export const chime = workflow({ name: 'chime', run: (input: unknown, flow) => flow.run(work, input) });

const everyHour = { cron: '0 * * * *', zone: 'Europe/Paris', workflow: chime } as const;

export const skips = schedule({ ...everyHour, name: 'skips', input: 'skip' });
export const queues = schedule({ ...everyHour, name: 'queues', input: 'queue', overlap: 'queue' });
export const allows = schedule({ ...everyHour, name: 'allows', input: 'allow', overlap: 'allow' });
export const mornings = schedule({ ...everyHour, name: 'mornings', cron: '0 9 * * *', input: 'morning' });

/** The app with some schedules: its workflow code is the same with all of them. */
export const makeClockwork = (schedules: readonly Schedule[]) => app({ name: 'clockwork', workflows: [chime], jobs: [work], schedules });

export const clockwork = makeClockwork([skips]);

export default clockwork;
