// Runs a range of seeds as tests: each file takes its share, so that all processors have something to do.
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDeployment, type Deployment } from './deployment.ts';
import { simulate } from './simulate.ts';

const PER_TEST = 10;
const TIMEOUT_MS = 120_000;

/** Declares the tests of `count` seeds, beginning with `from`. */
export const runSeeds = (from: number, count: number): void => {
  describe(`seeds ${from} to ${from + count - 1}`, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await buildDeployment();
    }, TIMEOUT_MS);

    for (let first = from; first < from + count; first += PER_TEST) {
      it(
        `whatever goes wrong, nothing is lost and nothing is decided twice (${first} to ${first + PER_TEST - 1})`,
        async () => {
          for (let seed = first; seed < first + PER_TEST; seed++) {
            const { violations } = await simulate({ seed, deployment });
            expect(violations, `npm run simulate -- --seeds 1 --from ${seed} --verbose`).toEqual([]);
          }
        },
        TIMEOUT_MS,
      );
    }
  });
};
