// The files of a new repository that its author goes on with: one workflow, one job, a test, and the stack that ships them.
import type { Project, ProjectFiles } from './project.ts';

const job = `// A job: a unit of work with an effect. It may use all of Node and any package.
import { job } from 'starquake';

export interface Mail {
  readonly to: string;
  readonly text: string;
}

export const sendMail = job({
  name: 'send-mail',
  timeout: '10s',
  retry: { maxAttempts: 8, firstDelay: '1s' },
  async run({ to, text }: Mail, attempt) {
    // Hand the key to whoever sends the mail: an attempt may be repeated, the mail must not.
    console.log(\`to \${to}: \${text} (\${attempt.idempotencyKey})\`);
    return { sentTo: to };
  },
});
`;

const workflow = `// A workflow: what happens in which order, however long it takes. It has no effects of its own.
import { workflow, type Duration } from 'starquake';
import { sendMail } from './send-mail.ts';

export interface Customer {
  readonly name: string;
  readonly mail: string;
  /** How long to wait before asking; three days unless given. */
  readonly askAfter?: Duration;
}

export const welcomeCustomer = workflow({
  name: 'welcome-customer',
  async run({ name, mail, askAfter = '3 days' }: Customer, flow) {
    const welcome = await flow.run(sendMail, { to: mail, text: \`Welcome, \${name}!\` });
    await flow.sleep(askAfter);
    const question = await flow.run(sendMail, { to: mail, text: \`How do you like it, \${name}?\` });
    return { mails: [welcome, question] };
  },
});
`;

const writeEntry = ({ app }: Project): string => `// The app: what is shipped together.
import { app } from 'starquake';
import { sendMail } from './send-mail.ts';
import { welcomeCustomer } from './welcome-customer.ts';

export default app({ name: '${app}', workflows: [welcomeCustomer], jobs: [sendMail] });
`;

const test = `// Tells what the workflow promises; three days pass at once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from 'starquake/testing';
import type { Mail } from '../src/send-mail.ts';
import { welcomeCustomer } from '../src/welcome-customer.ts';

describe('a new customer', () => {
  let engine: TestEngine;
  let mails: Mail[];

  beforeEach(async () => {
    mails = [];
    engine = await openTestEngine({
      entry: 'src/app.ts',
      jobs: { 'send-mail': (mail: Mail) => (mails.push(mail), { sentTo: mail.to }) },
    });
  });
  afterEach(() => engine.close());

  it('is welcomed at once, and asked three days later', async () => {
    const run = await engine.start(welcomeCustomer, { name: 'Ada', mail: 'ada@example.com' });
    expect(mails.map(({ text }) => text)).toEqual(['Welcome, Ada!']);
    await engine.pass('2 days');
    expect(mails).toHaveLength(1);
    expect(await run.result()).toEqual({ mails: [{ sentTo: 'ada@example.com' }, { sentTo: 'ada@example.com' }] });
    expect(mails[1]?.text).toBe('How do you like it, Ada?');
  });
});
`;

const writeStack = ({ engine }: Project): string => `// The stack: the app on AWS, joining the engine that is deployed there.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { WorkflowApp } from 'starquake/cdk';

export class AppStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const app = new WorkflowApp(this, 'App', { entry: 'src/app.ts', engine: { name: '${engine}' } });
    // What a job needs is granted to its own function, and to no other.
    app.job('send-mail').addEnvironment('SENDER', 'hello@example.com');
  }
}
`;

const writeMain = ({ app }: Project): string => `// What \`cdk\` runs.
import { App } from 'aws-cdk-lib';
import { AppStack } from '../lib/app-stack.ts';

new AppStack(new App(), '${app}');
`;

/** Source, test and stack. */
export const listAppFiles = (project: Project): ProjectFiles => ({
  'src/app.ts': writeEntry(project),
  'src/send-mail.ts': job,
  'src/welcome-customer.ts': workflow,
  'test/welcome-customer.test.ts': test,
  'lib/app-stack.ts': writeStack(project),
  'bin/main.ts': writeMain(project),
});
