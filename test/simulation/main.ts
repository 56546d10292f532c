// The command `npm run simulate -- --seeds N [--from N] [--verbose]`: runs seeds, prints each that fails, and exits 1 if one did.
import { parseArgs } from 'node:util';
import { buildDeployment } from './seeds/deployment.ts';
import { simulate } from './seeds/simulate.ts';

const PROGRESS_EVERY = 100;

/** @throws if it is no whole number from 1 */
const readCount = (text: string, option: string): number => {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`--${option} takes a whole number from 1, not "${text}".`);
};

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});
const [seeds, from] = [readCount(values.seeds, 'seeds'), readCount(values.from, 'from')];
const deployment = await buildDeployment();
const startedAt = performance.now();
const totals = { runs: 0, timedRuns: 0, commits: 0, events: 0 };
const failed: number[] = [];
let slowestMs = 0;

for (let seed = from; seed < from + seeds; seed++) {
  const beganAt = performance.now();
  const result = await simulate({ seed, deployment, ...(values.verbose && { print: console.log }) });
  slowestMs = Math.max(slowestMs, performance.now() - beganAt);
  totals.runs += result.runs;
  totals.timedRuns += result.timedRuns;
  totals.commits += result.commits;
  totals.events += result.events;
  if (result.violations.length > 0) {
    failed.push(seed);
    console.log(`seed ${seed} failed: ${result.violations[0]}`);
    console.log(`  again: npm run simulate -- --seeds 1 --from ${seed} --verbose`);
  }
  if (values.verbose) console.log(`seed ${seed}: the SHA-256 of its trace is ${result.digest}`);
  const done = seed - from + 1;
  if (process.stderr.isTTY && done % PROGRESS_EVERY === 0) console.error(`${done} of ${seeds} seeds, ${failed.length} failed`);
}

const seconds = (performance.now() - startedAt) / 1000;
const msPerSeed = Math.round((seconds * 1000) / seeds);
console.log(JSON.stringify({ seeds, from, failed, ...totals, seconds: Math.round(seconds), msPerSeed, slowestMs: Math.round(slowestMs) }));
process.exitCode = failed.length > 0 ? 1 : 0;
