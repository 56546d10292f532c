// The app that the rules of the protocol are shown on.
import { app } from 'starquake';
import { deskJobs } from './jobs.ts';
import {
  abandon,
  failing,
  fanOut,
  indebted,
  jobOf,
  listen,
  oneJob,
  onlooker,
  orderOfTwo,
  parent,
  patron,
  reacting,
  restart,
  saga,
  sleepThenWork,
  talk,
  tidy,
  twoAtOnce,
  twoJobs,
} from './workflows.ts';

const workflows = [
  oneJob,
  twoJobs,
  jobOf,
  fanOut,
  sleepThenWork,
  listen,
  saga,
  failing,
  twoAtOnce,
  reacting,
  orderOfTwo,
  parent,
  patron,
  restart,
  abandon,
  indebted,
  tidy,
  onlooker,
  talk,
];

export const desk = app({ name: 'desk', workflows, jobs: Object.values(deskJobs) });

export default desk;
