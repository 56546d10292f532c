// The app that the rules of the protocol are shown on.
import { app } from 'starquake';
import { deskJobs } from './jobs.ts';
import * as workflows from './workflows.ts';

const listed = Object.values(workflows).filter((exported) => exported.kind === 'workflow');

export const desk = app({ name: 'desk', workflows: listed, jobs: Object.values(deskJobs) });

export default desk;
