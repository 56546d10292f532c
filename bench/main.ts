// `npm run bench`: runs the benchmarks one after another and prints their figures as JSON on the last line.
import { parseArgs } from 'node:util';
import { benchBookingSequential } from './booking-sequential.ts';

const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' } } });
const scale = Number(values.scale);
const figures = [await benchBookingSequential(scale)];
for (const figure of figures) console.log(figure);
console.log(JSON.stringify(figures));
