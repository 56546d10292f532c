// The CDK app: settings in, stacks out, nothing else.
import { App } from 'aws-cdk-lib';
import { composePlatform } from '../lib/stacks/compose-platform.ts';
import { readGivenSettings } from '../lib/stacks/read-given-settings.ts';

const app = new App();
const settings = await readGivenSettings(app, process.cwd());
if (settings) composePlatform(app, settings);
