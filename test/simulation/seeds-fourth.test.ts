// The fourth quarter of the seeds that every test run goes through.
import { runSeeds } from './seeds/run-seeds.ts';

runSeeds(151, 50);
