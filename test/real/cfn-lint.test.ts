// What cfn-lint says of the templates of all sizes.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizes } from '../../lib/settings/settings.ts';
import { findCfnLint } from '../support/infra/find-cfn-lint.ts';
import { synthesizePlatform } from '../support/infra/synthesize-platform.ts';

const run = promisify(execFile);
const INSTALL_MS = 660_000;
const LINT_MS = 170_000;

/** Rules that are not for templates which a program writes, each with why. */
const leftOut: Readonly<Record<string, string>> = {
  W3010: 'zones are those of the settings, on purpose: asking for them would tie the template to an account',
  W3005: 'a dependency that is said twice is how CDK orders a function after the policies of its role',
};

describe('templates', () => {
  let python: string;
  beforeAll(async () => {
    python = await findCfnLint(resolve('.starquake', 'cfn-lint'));
  }, INSTALL_MS);

  it.each(sizes)(
    'of %s have nothing that cfn-lint finds',
    async (size) => {
      const { folder } = synthesizePlatform({ size, production: { proxies: { instanceType: 'c7g.large', count: 2 } } }, { withApps: true });
      const files = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
      const parameters = [
        '-m',
        'cfnlint',
        '--format',
        'parseable',
        '--ignore-checks',
        ...Object.keys(leftOut),
        '--template',
        ...files.map((name) => join(folder, name)),
      ];
      const { stdout } = await run(python, parameters, { timeout: LINT_MS }).catch((error: unknown) => ({
        stdout: String(typeof error === 'object' && error !== null ? Reflect.get(error, 'stdout') : error),
      }));
      expect(stdout).toBe('');
    },
    LINT_MS,
  );
});
