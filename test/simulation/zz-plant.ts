import { buildDeployment } from './deployment.ts';
import { plantedBugs } from './planted/bugs.ts';
import { bundleVariant } from './planted/bundle-variant.ts';
import { simulate } from './simulate.ts';
const deployment = await buildDeployment();
const only = process.argv[2];
for (const bug of plantedBugs) {
  if (only && !bug.name.includes(only)) continue;
  const start = bug.patches && (await bundleVariant(bug.patches));
  const { faults, settings, heavy, makeRuns, eager, instances } = bug;
  const options: any = { deployment, faults, settings, heavy, eager, instances };
  const t = performance.now();
  let found = 0, why = '';
  for (let seed = 1; seed <= 400 && !found; seed++) {
    const r = await simulate({ seed, ...options, start, makeRuns });
    if (r.violations.length) { found = seed; why = r.violations[0]!; }
  }
  let clean = 'clean';
  for (let seed = 1; seed <= found; seed++) { const r = await simulate({ seed, ...options }); if (r.violations.length) { clean = `seed ${seed}: ${r.violations[0]}`; break; } }
  console.log(`${bug.caughtBy.test(why) ? 'OK ' : 'BAD'} ${bug.name}: seed ${found} ${why.slice(0, 200)} | ${clean.slice(0, 200)} | ${Math.round(performance.now() - t)} ms`);
}
