// The example apps are shipped as any other app, numbered by the release, so that nobody has a file to commit.
import { existsSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { AppsStack } from '../../lib/stacks/apps-stack.ts';
import { readReleaseOrder } from '../../lib/stacks/read-release-order.ts';

describe('the example apps', { timeout: 120_000 }, () => {
  let app: App;
  let stack: AppsStack;

  beforeAll(() => {
    const settings = readSettings({ name: 'acme', retention: { logs: 7 } }, {});
    app = new App();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(), new NIST80053R5Checks());
    stack = new AppsStack(app, 'acme-apps', { settings, env: { region: settings.region } });
  }, 120_000);

  it('join the platform of the settings, under the number of the release', () => {
    expect(stack.booking.manifest).toMatchObject({ app: 'booking', order: readReleaseOrder() });
    expect(stack.bookingSequential.manifest).toMatchObject({ app: 'booking-sequential', deployment: String(readReleaseOrder()) });
    const template = JSON.stringify(app.synth().getStackByName('acme-apps').template);
    for (const name of ['acme-booking_decision', 'acme-booking-sequential_job-retry', 'acme-booking_job_book-flight'])
      expect(template).toContain(`"FunctionName":"${name}"`);
    expect(template).toContain('"RetentionInDays":7');
    expect(template).toContain(`"/acme/manifests/booking/${readReleaseOrder()}/manifest"`);
  });

  it('may do nothing but write their logs', () => {
    const template = JSON.stringify(app.synth().getStackByName('acme-apps').template);
    const actions = new Set([...template.matchAll(/"Action":(\[[^\]]*\]|"[^"]*")/g)].map(([, action]) => action));
    expect(actions).toEqual(new Set(['"sts:AssumeRole"', '["logs:CreateLogStream","logs:PutLogEvents"]']));
  });

  it('leave nothing in the working folder', () => {
    expect(existsSync('starquake.deployments.json')).toBe(false);
  });
});
