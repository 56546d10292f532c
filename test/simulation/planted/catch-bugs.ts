// Tests that planted bugs are caught: each within a few hundred seeds, all of which the real code passes.
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDeployment, type Deployment } from '../seeds/deployment.ts';
import { simulate } from '../seeds/simulate.ts';
import type { PlantedBug } from './bugs.ts';
import { bundleVariant } from './bundle-variant.ts';

/** A bug has to show within this many seeds. */
const MOST_SEEDS = 400;
const TIMEOUT_MS = 180_000;

/** What a bug was caught by, and what was found without it until then. */
interface Catch {
  readonly seed: number;
  readonly violation: string;
  readonly without: readonly string[];
}

const catchBug = async (
  { patches, makeRuns, caughtBy: _caughtBy, name: _name, ...conditions }: PlantedBug,
  deployment: Deployment,
): Promise<Catch | undefined> => {
  const start = patches && (await bundleVariant(patches));
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const { violations: without } = await simulate({ seed, deployment, ...conditions });
    const planted = await simulate({ seed, deployment, ...conditions, ...(start && { start }), ...(makeRuns && { makeRuns }) });
    const [violation] = planted.violations;
    if (violation !== undefined || without.length > 0) return { seed, violation: violation ?? '', without };
  }
  return undefined;
};

/** Declares a test for each bug. */
export const catchBugs = (bugs: readonly PlantedBug[]): void => {
  describe('a planted bug is caught', () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await buildDeployment();
    }, TIMEOUT_MS);

    it.each(bugs)(
      '$name',
      async (bug) => {
        const caught = await catchBug(bug, deployment);
        expect(caught?.without, `seed ${caught?.seed} without the bug`).toEqual([]);
        expect(caught?.violation).toMatch(bug.caughtBy);
      },
      TIMEOUT_MS,
    );
  });
};
