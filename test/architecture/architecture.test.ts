// Proves the rules of the house, and that each of them would notice if it were broken.

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRepository } from './repository/read-repository.ts';
import { cycleRules } from './rules/cycles.ts';
import { errorsPageRule } from './rules/errors-page.ts';
import { floorRules } from './rules/floors.ts';
import { nameRules } from './rules/names.ts';
import { purityRules } from './rules/purity.ts';
import { shapeRules } from './rules/shape.ts';
import { textRules } from './rules/texts.ts';

const rules = [...floorRules, ...cycleRules, ...purityRules, ...shapeRules, ...nameRules, ...textRules, errorsPageRule];
const repository = readRepository(fileURLToPath(new URL('../..', import.meta.url)));

describe('in this repository', () => {
  for (const { promise, findViolations } of rules) {
    it(`holds that ${promise}`, () => {
      const violations = findViolations(repository);
      expect(violations, `${promise}, but:\n${violations.join('\n')}`).toHaveLength(0);
    });
  }
});

for (const { promise, findViolations, broken, kept = {} } of rules) {
  describe(`the rule that ${promise}`, () => {
    for (const [what, files] of Object.entries(broken)) {
      it(`notices ${what}`, () => {
        expect(findViolations(files)).not.toHaveLength(0);
      });
    }

    for (const [what, files] of Object.entries(kept)) {
      it(`lets pass ${what}`, () => {
        expect(findViolations(files)).toHaveLength(0);
      });
    }
  });
}
