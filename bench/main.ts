// `npm run bench [-- --scale 0.1] [-- --only long-runs] [-- --pulsar]`: runs the benchmarks one after another; their figures are JSON on the last line.
import { parseArgs } from 'node:util';
import { benchBookingSequential } from './booking-sequential.ts';
import { benchLongRuns } from './long-runs.ts';
import { benchPulsar } from './pulsar.ts';
import { benchTimers } from './timers.ts';

const { values } = parseArgs({
  options: { scale: { type: 'string', default: '1' }, only: { type: 'string' }, pulsar: { type: 'boolean', default: false } },
});
const embedded = { 'booking-sequential': benchBookingSequential, 'long-runs': benchLongRuns, timers: benchTimers };
const benchmarks: Readonly<Record<string, (scale: number) => Promise<unknown>>> = values.pulsar ? { pulsar: benchPulsar } : embedded;
const figures: unknown[] = [];
for (const [name, bench] of Object.entries(benchmarks)) {
  if (values.only !== undefined && values.only !== name) continue;
  const figure = await bench(Number(values.scale));
  console.dir(figure, { depth: 5 });
  figures.push(figure);
}
console.log(JSON.stringify(figures));
