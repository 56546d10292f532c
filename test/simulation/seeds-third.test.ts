// The third quarter of the seeds that every test run goes through.
import { runSeeds } from './seeds/run-seeds.ts';

runSeeds(101, 50);
