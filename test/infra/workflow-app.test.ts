// Holds the templates of apps against what runs rely on: names, permissions, order, and what outlives a deployment.
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkflowApp, type WorkflowAppProps } from '../../lib/constructs/workflow-app.ts';
import { findFunctionName } from '../../src/platform/function-names.ts';
import { unpackManifest } from '../../src/platform/manifest-text.ts';
import { isHead } from '../../src/platform/parameter-names.ts';
import { z } from 'zod';

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.array(z.string()).default([]),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
      Metadata: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
type Resources = z.infer<typeof templateSchema>['Resources'];

const writeApp = ({ ticket = 'a', more = '' }: { ticket?: string; more?: string } = {}): string => `
import { app, job, workflow } from 'starquake';
const bookFlight = job({ name: 'book-flight', timeout: '90s', memoryMb: 512, maxConcurrency: 7, run: async (to: string) => ({ ticket: to + ${JSON.stringify(ticket)} }) });
const bookHotel = job({ name: 'book-hotel', run: async (to: string) => ({ room: to }) });
const resize = job<string, string>({ name: 'resize', function: 'resize-images:live' });
${more}
const bookTrip = workflow({
  name: 'book-trip',
  run: async (to: string, flow) => [await flow.run(bookFlight, to), await flow.run(bookHotel, to), await flow.run(resize, to)],
});
export default app({ name: 'trips', workflows: [bookTrip], jobs: [bookFlight, bookHotel, resize${more === '' ? '' : ', ...many'}] });
`;

const names = ['trips.decision', 'trips.job-retry', 'trips.job.book-flight', 'trips.job.book-hotel'];

describe('a shipped app', { timeout: 120_000 }, () => {
  let folder: string;
  let trips: string;
  let resources: Resources;
  let shipped: WorkflowApp;
  let shippedTemplate: Template;

  const write = async (name: string, text: string): Promise<string> => {
    const entry = join(folder, name);
    await writeFile(entry, text);
    return entry;
  };
  const findApp = ({ node: { root } }: Stack): App => {
    if (root instanceof App) return root;
    throw new Error('The stack is in no app.');
  };
  const makeStack = (): Stack => new Stack(new App({ outdir: join(folder, `out-${readdirSync(folder).length}`) }), 'Trips');
  const synthesize = (
    props: Partial<WorkflowAppProps> = {},
    use: (app: WorkflowApp, stack: Stack) => void = () => undefined,
  ): { readonly app: WorkflowApp; readonly template: Template; readonly resources: Resources } => {
    const stack = makeStack();
    const app = new WorkflowApp(stack, 'App', { entry: trips, order: 12, ...props });
    use(app, stack);
    const template = Template.fromStack(stack);
    return { app, template, resources: templateSchema.parse(template.toJSON()).Resources };
  };
  const list = (from: Resources, type: string) => Object.entries(from).filter(([, { Type }]) => Type === type);
  const findFunction = (from: Resources, name: string): readonly [string, Resources[string]] => {
    const found = list(from, 'AWS::Lambda::Function').find(([, { Properties }]) => Properties['FunctionName'] === name);
    if (found === undefined) throw new Error(`There is no function ${name}.`);
    return found;
  };
  /** The actions that a function's role is allowed, by all policies that name it. */
  const listActions = (from: Resources, name: string): readonly unknown[] => {
    const [, { Properties }] = findFunction(from, name);
    const role: unknown = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }).parse(Properties['Role'])['Fn::GetAtt'][0];
    return list(from, 'AWS::IAM::Policy')
      .filter(([, policy]) => JSON.stringify(policy.Properties['Roles']).includes(`"${String(role)}"`))
      .flatMap(
        ([, policy]) =>
          z.object({ Statement: z.array(z.object({ Action: z.unknown() })) }).parse(policy.Properties['PolicyDocument']).Statement,
      )
      .flatMap(({ Action }) => Action);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-app-'));
    trips = await write('trips.ts', writeApp());
    ({ app: shipped, template: shippedTemplate, resources } = synthesize());
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has a decision function, a job-retry function and one for each job of its own, under the names that the connector invokes', () => {
    const functions = new Map(
      list(resources, 'AWS::Lambda::Function').map(([id, { Properties }]) => [id, String(Properties['FunctionName'])]),
    );
    const aliases = list(resources, 'AWS::Lambda::Alias').map(([, { Properties }]) => {
      const { Ref } = z.object({ Ref: z.string() }).parse(Properties['FunctionName']);
      return `${functions.get(Ref)}:${String(Properties['Name'])}`;
    });
    expect(aliases.toSorted()).toEqual(names.map((name) => findFunctionName(`${name}@12`, { prefix: 'starquake-' })).toSorted());
    expect(functions.size).toBe(names.length);
  });

  it('invokes published versions only', () => {
    for (const [, { Properties }] of list(resources, 'AWS::Lambda::Alias'))
      expect(Properties['FunctionVersion']).toEqual({ 'Fn::GetAtt': [expect.stringContaining('CurrentVersion'), 'Version'] });
  });

  it('runs on arm64 and Node 24, without X-Ray, with a log of its own that ends', () => {
    for (const [, { Properties }] of list(resources, 'AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' });
      expect(Properties['TracingConfig']).toBeUndefined();
      expect(Properties['LoggingConfig']).toEqual({ LogGroup: { Ref: expect.any(String) } });
    }
    for (const [, { Properties }] of list(resources, 'AWS::Logs::LogGroup')) expect(Properties['RetentionInDays']).toBe(30);
  });

  it('gives each job its own memory, timeout and concurrency', () => {
    const [, flight] = findFunction(resources, 'starquake-trips_job_book-flight');
    expect(flight.Properties).toMatchObject({ MemorySize: 512, Timeout: 95, ReservedConcurrentExecutions: 7 });
    const [, hotel] = findFunction(resources, 'starquake-trips_job_book-hotel');
    expect(hotel.Properties).toMatchObject({ MemorySize: 256, Timeout: 35 });
    expect(hotel.Properties['ReservedConcurrentExecutions']).toBeUndefined();
  });

  it('takes what the stack says of memory over what the app says, and tells the connector so', () => {
    const { app, resources: larger } = synthesize({ decisionMemoryMb: 1024, jobs: { 'book-hotel': { memoryMb: 2048 } } });
    expect(findFunction(larger, 'starquake-trips_decision')[1].Properties['MemorySize']).toBe(1024);
    expect(findFunction(larger, 'starquake-trips_job_book-hotel')[1].Properties['MemorySize']).toBe(2048);
    expect(app.manifest.jobs).toMatchObject([{ memoryMb: 512 }, { memoryMb: 2048 }, { name: 'resize' }]);
  });

  it('puts its manifest where the connector finds it, and it is the manifest of the bundle', () => {
    const parameters = list(resources, 'AWS::SSM::Parameter').map(
      ([, { Properties }]) => [String(Properties['Name']), String(Properties['Value'])] as const,
    );
    const [[name, head] = ['', '']] = parameters.filter(([key]) => isHead('/starquake/manifests', key));
    expect(name).toBe('/starquake/manifests/trips/12/manifest');
    expect(unpackManifest(head, () => undefined)).toEqual(shipped.manifest);
    expect(shipped.manifest).toMatchObject({ app: 'trips', deployment: '12', order: 12, decisionFunction: 'trips.decision@12' });
  });

  it('is in the registry only after all that the manifest names is there', () => {
    const [[, head] = ['', undefined]] = list(resources, 'AWS::SSM::Parameter');
    const aliases = list(resources, 'AWS::Lambda::Alias').map(([id]) => id);
    const policies = list(resources, 'AWS::IAM::Policy').map(([id]) => id);
    expect(head?.DependsOn).toEqual(expect.arrayContaining([...aliases, ...policies]));
  });

  it('cuts a manifest that is too large for a parameter, and puts the one that names the parts last', async () => {
    const more = `const many = Array.from({ length: 500 }, (_, i) => job<string, string>({ name: 'job-' + i, function: 'f' + String(Math.sin(i + 1)).slice(3) + ':live' }));`;
    const { resources: large } = synthesize({ entry: await write('large.ts', writeApp({ more })) });
    const parameters = list(large, 'AWS::SSM::Parameter');
    const [[headId, head] = ['', undefined]] = parameters.filter(([, { Properties }]) =>
      isHead('/starquake/manifests', String(Properties['Name'])),
    );
    const values = new Map(parameters.map(([, { Properties }]) => [String(Properties['Name']), String(Properties['Value'])]));
    for (const value of values.values()) expect(value.length).toBeLessThanOrEqual(4096);
    const name = String(head?.Properties['Name']);
    const read = unpackManifest(values.get(name) ?? '', (sha256, at) => values.get(`${name}/${sha256.slice(0, 16)}/${at}`));
    expect(read?.jobs).toHaveLength(503);
    expect(parameters.length).toBeGreaterThan(1);
    expect(head?.DependsOn).toEqual(expect.arrayContaining(parameters.map(([id]) => id).filter((id) => id !== headId)));
  });

  it('grants a job what it is granted, and no other function', () => {
    const granted = synthesize({}, (app, stack) => {
      new Bucket(stack, 'Tickets').grantRead(app.job('book-flight'));
      app.job('book-flight').addEnvironment('CARRIER', 'north');
    }).resources;
    const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect(listActions(granted, 'starquake-trips_job_book-flight')).toEqual(expect.arrayContaining([...logs, 's3:GetObject*']));
    for (const name of ['decision', 'job-retry', 'job_book-hotel']) expect(listActions(granted, `starquake-trips_${name}`)).toEqual(logs);
    expect(findFunction(granted, 'starquake-trips_job_book-flight')[1].Properties['Environment']).toEqual({
      Variables: { CARRIER: 'north' },
    });
    expect(findFunction(granted, 'starquake-trips_job_book-hotel')[1].Properties['Environment']).toBeUndefined();
  });

  it('lets functions write their own log only', () => {
    for (const [, { Properties }] of list(resources, 'AWS::IAM::Policy').filter(([id]) => !id.includes('Foreign')))
      expect(Properties['PolicyDocument']).toMatchObject({
        Statement: [{ Resource: { 'Fn::GetAtt': [expect.stringContaining('Log'), 'Arn'] } }],
      });
  });

  it('makes no function for a job of somebody else, but lets the connector invoke it', () => {
    expect(() => shipped.job('resize')).toThrow(expect.objectContaining({ code: 'JOB_UNKNOWN' }));
    const [[, policy] = ['', undefined]] = list(resources, 'AWS::IAM::Policy').filter(([id]) => id.includes('Foreign'));
    expect(JSON.stringify(policy?.Properties['PolicyDocument'])).toContain('function:resize-images:live');
    expect(policy?.Properties['PolicyDocument']).toMatchObject({ Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow' }] });
    shippedTemplate.hasParameter('*', { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/starquake/connector-role' });
  });

  it('keeps all of it for the runs that are pinned to it, unless told otherwise', () => {
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of Object.entries(resources))
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain']);
    const app = new App({ outdir: join(folder, 'out-destroy'), context: { 'starquake:removal': 'destroy' } });
    const stack = new Stack(app, 'Trips');
    new WorkflowApp(stack, 'App', { entry: trips, order: 12 });
    const destroyed = templateSchema.parse(Template.fromStack(stack).toJSON()).Resources;
    // Without the metadata CloudFormation would see no change, and keep the policy that it has.
    for (const [id, { DeletionPolicy, Metadata }] of Object.entries(destroyed))
      expect([id, DeletionPolicy, Metadata?.['starquake:removal']]).toEqual([id, 'Delete', 'destroy']);
  });

  it('gives a new deployment aliases and a manifest of its own, and a version only to what has changed', async () => {
    const { resources: next } = synthesize({ entry: await write('next.ts', writeApp({ ticket: 'b' })), order: 13 });
    const ids = (from: Resources, type: string): readonly string[] => list(from, type).map(([id]) => id);
    const stay = (type: string): number => ids(next, type).filter((id) => ids(resources, type).includes(id)).length;
    expect(stay('AWS::Lambda::Function')).toBe(4);
    expect(stay('AWS::Lambda::Alias')).toBe(0);
    expect(stay('AWS::SSM::Parameter')).toBe(0);
    // Decision, job-retry and the other job carry none of the code that changed: publishing them again would be refused.
    expect(stay('AWS::Lambda::Version')).toBe(3);
  });

  it('never puts other code under a number that was used: what has the name is another resource', async () => {
    const { resources: other } = synthesize({ entry: await write('other.ts', writeApp({ ticket: 'c' })) });
    const aliases = list(other, 'AWS::Lambda::Alias');
    expect(aliases.every(([, { Properties }]) => Properties['Name'] === 'd-12')).toBe(true);
    expect(aliases.filter(([id]) => id in resources)).toEqual([]);
  });

  it('publishes a new version under the same alias when only the environment changed', () => {
    const { resources: changed } = synthesize({ jobs: { 'book-hotel': { environment: { STARS: '4' } } } });
    const missing = Object.keys(resources).filter((id) => !(id in changed));
    expect(missing.map((id) => resources[id]?.Type)).toEqual(['AWS::Lambda::Version']);
  });

  it('is the same template, byte for byte, whenever it is synthesized', () => {
    expect(JSON.stringify(synthesize().template.toJSON())).toBe(JSON.stringify(shippedTemplate.toJSON()));
  });

  it('joins the engine that it names', () => {
    const { resources: joined } = synthesize({ engine: { name: 'acme' } });
    expect(findFunction(joined, 'acme-trips_decision')[0]).toEqual(expect.any(String));
    expect(list(joined, 'AWS::SSM::Parameter')[0]?.[1].Properties['Name']).toBe('/acme/manifests/trips/12/manifest');
  });

  it('ships code that Node loads as it is', async () => {
    const stack = makeStack();
    new WorkflowApp(stack, 'App', { entry: trips, order: 1 });
    const { directory: out } = findApp(stack).synth();
    const assets = readdirSync(out).filter((name) => name.startsWith('asset.'));
    expect(assets).toHaveLength(4);
    for (const asset of assets) {
      const loaded: unknown = await import(pathToFileURL(join(out, asset, 'index.mjs')).href);
      expect(loaded).toMatchObject({ handler: expect.any(Function) });
    }
  });

  it('passes the checks of cdk-nag', () => {
    const stack = makeStack();
    Validations.of(stack.node.root).addPlugins(new AwsSolutionsChecks(), new NIST80053R5Checks());
    new WorkflowApp(stack, 'App', { entry: trips, order: 1 });
    // What is found, and nobody has acknowledged with a reason, is thrown.
    expect(findApp(stack).synth().stacks).toHaveLength(1);
  });

  describe('refuses at synth', () => {
    const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

    it('settings of a job that the app lacks', () => {
      expect(() => synthesize({ jobs: { 'book-boat': {} } })).toThrow(code('JOB_UNKNOWN'));
    });

    it('a timeout that Lambda does not have, with what to do', async () => {
      const long = writeApp().replace("timeout: '90s'", "timeout: '20 minutes'");
      const entry = await write('long.ts', long);
      expect(() => synthesize({ entry })).toThrow(
        expect.objectContaining({ code: 'APP_INVALID', hint: expect.stringContaining('completeLater') }),
      );
    });

    it('memory that Lambda does not have', () => {
      expect(() => synthesize({ jobs: { 'book-hotel': { memoryMb: 64 } } })).toThrow(code('APP_INVALID'));
    });

    it('an order that is none', () => {
      expect(() => synthesize({ order: 0 })).toThrow(code('SETTINGS_INVALID'));
    });

    it('source that does not build, with its place', async () => {
      const entry = await write('broken.ts', "import { app } from 'starquake';\nexport default app({ name: 'x', ;");
      expect(() => synthesize({ entry })).toThrow(
        expect.objectContaining({ code: 'BUNDLE_FAILED', message: expect.stringMatching(/broken\.ts:2:/) }),
      );
    });
  });
});
