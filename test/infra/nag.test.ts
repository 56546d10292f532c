// The rules of AWS Solutions and of NIST 800-53 over all stacks of all sizes: what breaks one says why, next to where it does.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, Validations, type App } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sizes, type Size } from '../../lib/settings/settings.ts';
import { synthesizePlatform } from '../support/infra/synthesize-platform.ts';

const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({ ruleName: z.string(), violatingConstructs: z.array(z.object({ constructPath: z.string().optional() })) }),
      ),
    }),
  ),
});

/** Both packs look at some hundred resources. */
const CHECK_MS = 120_000;
const packs = [AwsSolutionsChecks, NIST80053R5Checks];

/** What both packs say of a platform, as `rule construct`; CDK throws when there is anything, after it has written its report. */
const check = (size: Size, prepare: (app: App) => void = () => {}): readonly string[] => {
  const outdir = mkdtempSync(join(tmpdir(), 'starquake-nag-'));
  try {
    synthesizePlatform(
      { size, production: { proxies: { instanceType: 'c7g.large', count: 2 } } },
      {
        outdir,
        prepare: (app) => {
          prepare(app);
          Validations.of(app).addPlugins(...packs.map((Pack) => new Pack(app)));
        },
      },
    );
    return [];
  } catch (error) {
    if (!/Validation ?failed/i.test(String(error))) throw error;
    const { pluginReports } = reportSchema.parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')));
    return pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
      ),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
};

describe('the stacks', () => {
  it.each(sizes)(
    'of %s break no rule without a reason',
    (size) => {
      expect(check(size)).toEqual([]);
    },
    CHECK_MS,
  );

  it(
    'would not pass with a bucket that is open and bare',
    () => {
      const found = check('dev', (app) => new Bucket(new Stack(app, 'careless'), 'Bare'));
      expect(found.join('\n')).toMatch(/AwsSolutions-S1 careless[^]*NIST\.800\.53\.R5-S3Bucket\w+ careless/);
    },
    CHECK_MS,
  );
});
