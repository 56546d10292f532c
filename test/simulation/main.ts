// The command `npm run simulate -- --seeds N [--from N] [--verbose]`: runs seeds, prints each that fails, and exits 1 if one did.
import { parseArgs } from 'node:util';
import { buildDeployment } from './seeds/deployment.ts';
import { simulate } from './seeds/simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const deployment = await buildDeployment();
const startedAt = performance.now();
let [failed, commits, events, slowest] = [0, 0, 0, 0];
for (let seed = from; seed < from + seeds; seed++) {
  const began = performance.now();
  const result = await simulate({ seed, deployment, ...(values.verbose && { print: console.log }) });
  slowest = Math.max(slowest, performance.now() - began);
  commits += result.commits;
  events += result.events;
  if (result.violations.length > 0) {
    failed += 1;
    console.log(`seed ${seed} failed: ${result.violations[0]}`);
  }
  if (values.verbose)
    console.log(
      `seed ${seed}: ${Math.round(performance.now() - began)} ms, ${result.events} events, ${result.commits} commits, ${Math.round(result.elapsedMs / 60_000)} min, digest ${result.digest}`,
    );
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  JSON.stringify({
    seeds,
    from,
    failed,
    commits,
    events,
    seconds: Number(seconds.toFixed(1)),
    msPerSeed: Number(((seconds * 1000) / seeds).toFixed(1)),
    slowestMs: Math.round(slowest),
  }),
);
process.exitCode = failed > 0 ? 1 : 0;
