// `npm run bench [-- --scale 0.1] [--only long-runs] [--pulsar | --aws-local | --functions]`: runs benchmarks one after another; their figures are JSON on the last line.
import { parseArgs } from 'node:util';
import { benchAwsLocal } from './aws-local.ts';
import { benchBookingSequential } from './booking-sequential.ts';
import { benchFunctions } from './functions.ts';
import { benchLongRuns } from './long-runs.ts';
import { benchPulsar } from './pulsar.ts';
import { benchTimers } from './timers.ts';

const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: { scale: { type: 'string', default: '1' }, only: { type: 'string' }, pulsar: flag, 'aws-local': flag, functions: flag },
});
type Benchmarks = Readonly<Record<string, (scale: number) => Promise<unknown>>>;
const embedded: Benchmarks = { 'booking-sequential': benchBookingSequential, 'long-runs': benchLongRuns, timers: benchTimers };
/** Those that need more than this process, by the option that asks for them. */
const beyond: Benchmarks = { pulsar: benchPulsar, 'aws-local': benchAwsLocal, functions: benchFunctions };
const given: Readonly<Record<string, unknown>> = values;
const asked = Object.entries(beyond).filter(([option]) => given[option] === true);
const benchmarks = asked.length > 0 ? Object.fromEntries(asked) : embedded;
const figures: unknown[] = [];
for (const [name, bench] of Object.entries(benchmarks)) {
  if (values.only !== undefined && values.only !== name) continue;
  const figure = await bench(Number(values.scale));
  console.dir(figure, { depth: 5 });
  figures.push(figure);
}
console.log(JSON.stringify(figures));
