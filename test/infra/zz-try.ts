import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { composePlatform } from '../../lib/stacks/compose-platform.ts';
import { readFileSync } from 'node:fs';
const app = new App({ outdir: '/tmp/sq/svc/cdk-' + process.argv[2], context: JSON.parse(readFileSync('cdk.json','utf8')).context });
composePlatform(app, readSettings({ size: process.argv[2], alarms: { email: 'a@example.org' }, cost: { monthlyBudget: 500 } }), { withApps: false });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
app.synth();
