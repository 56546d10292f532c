// A seed that fails is of use only if it fails again: the same seed is the same simulation, line by line.
import { expect, it } from 'vitest';
import { buildDeployment } from './seeds/deployment.ts';
import { simulate } from './seeds/simulate.ts';

it('a seed replays exactly, to the last line of its trace', async () => {
  const deployment = await buildDeployment();
  for (const seed of [3, 11, 47]) {
    const [first, second] = [await simulate({ seed, deployment }), await simulate({ seed, deployment })];
    expect(second.digest).toBe(first.digest);
    expect(first.events).toBeGreaterThan(100);
  }
}, 60_000);

it('another seed is another simulation', async () => {
  const deployment = await buildDeployment();
  const [one, other] = [await simulate({ seed: 3, deployment }), await simulate({ seed: 4, deployment })];
  expect(other.digest).not.toBe(one.digest);
}, 60_000);

it('at least two runs in five have races, timers or a cancel', async () => {
  const deployment = await buildDeployment();
  let [runs, timed] = [0, 0];
  for (let seed = 1; seed <= 30; seed++) {
    const result = await simulate({ seed, deployment });
    runs += result.runs;
    timed += result.timedRuns;
  }
  expect(timed / runs).toBeGreaterThan(0.4);
}, 60_000);
