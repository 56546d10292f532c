// The app that replay is tested on: one workflow for each thing that code can do.
import { app } from 'starquake';
import { deskJobs } from '../desk/jobs.ts';
import * as code from './code.ts';
import * as promises from './promises.ts';
import * as waits from './waits.ts';

const listed = Object.values({ ...promises, ...waits, ...code }).filter((exported) => exported.kind === 'workflow');

export const replayed = app({ name: 'replayed', workflows: listed, jobs: Object.values(deskJobs) });

export default replayed;
