// What is synthesized, as a whole: the same every time, nothing looked up, and no permission wider than its reason.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sizes } from '../../lib/settings/settings.ts';
import { synthesizePlatform, type PlacedResource, type Synthesized } from '../support/infra/synthesize-platform.ts';

interface Statement {
  readonly Action?: string | readonly string[];
  readonly Effect: string;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

/** A platform takes some seconds, on a machine that does other things too. */
const SYNTHESIS_MS = 60_000;
const bySize = Object.fromEntries(sizes.map((size) => [size, synthesizePlatform({ size })])) as Record<(typeof sizes)[number], Synthesized>;

const listStatements = (policy: PlacedResource): readonly Statement[] => {
  const document = policy.Properties?.['PolicyDocument'];
  return typeof document === 'object' && document !== null ? (Reflect.get(document, 'Statement') as readonly Statement[]) : [];
};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Actions that know no resource, or that are bound by a condition; each with its reason. */
const everywhere: Readonly<Record<string, string>> = {
  'cloudwatch:PutMetricData': 'knows no resource; a condition binds it to the namespace',
  'autoscaling:DescribeAutoScalingGroups': 'reads, and knows no resource',
  'autoscaling:DescribeInstanceRefreshes': 'reads, and knows no resource',
  'ssm:DescribeInstanceInformation': 'reads, and knows no resource',
  'ssm:ListCommands': 'reads, and knows no resource',
  'ssm:ListCommandInvocations': 'reads, and knows no resource',
};

/** Text of a template without what names the assets of this very text. */
const readTemplates = ({ folder }: Synthesized): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.template.json') || name.endsWith('.assets.json'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

describe.each(sizes)('the templates of %s', (size) => {
  const { resources, list, folder, templates } = bySize[size];

  it('are what they were: a change of what there is shows here', async () => {
    const lines = resources.map(({ stack, Type, id }) => `${stack} ${Type} ${id}`).toSorted();
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../golden/stacks/${size}.txt`);
  });

  it(
    'are the same, byte for byte, when they are synthesized again',
    () => {
      expect(readTemplates(synthesizePlatform({ size }))).toEqual(readTemplates(bySize[size]));
    },
    SYNTHESIS_MS,
  );

  it('were made without asking the account for anything', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    expect(JSON.stringify(manifest)).not.toContain('"missing"');
    expect(JSON.stringify(templates)).not.toMatch(/\b\d{12}\b.{0,20}:(role|key)\//);
  });

  it('fit into what CloudFormation takes', () => {
    const counts = Object.entries(templates).map(([stack, { Resources }]) => ({ stack, count: Object.keys(Resources).length }));
    expect(counts.filter(({ count }) => count > 450)).toEqual([]);
    const lengths = Object.entries(readTemplates(bySize[size])).map(([name, text]) => ({ name, length: text.length }));
    expect(lengths.filter(({ length }) => length > 900_000)).toEqual([]);
  });

  it('allow no action on everything that has not its reason here', () => {
    const allowed = list('AWS::IAM::Policy').flatMap((policy) =>
      listStatements(policy)
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action, Resource }) =>
          asList(Action).map((action) => ({ of: policy.id, action: String(action), onAll: asList(Resource).includes('*') })),
        ),
    );
    expect(allowed.filter(({ action }) => action === '*' || action.endsWith(':*'))).toEqual([]);
    expect(allowed.filter(({ action, onAll }) => onAll && !Object.hasOwn(everywhere, action))).toEqual([]);
  });

  it('have state that is kept when its stack goes, and that is not deleted by mistake', () => {
    const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::EC2::Volume', 'AWS::KMS::Key', 'AWS::S3::Bucket'].flatMap(list);
    const state = kept.filter(({ stack }) => stack.endsWith('-state') || stack.endsWith('-pulsar'));
    expect(state.length).toBeGreaterThan(0);
    expect(state.filter(({ DeletionPolicy = '' }) => !DeletionPolicy.startsWith('Retain')).map(({ id }) => id)).toEqual([]);
    for (const table of list('AWS::DynamoDB::GlobalTable'))
      expect(JSON.stringify(table.Properties)).toContain('"DeletionProtectionEnabled":true');
  });
});

describe('sizes', () => {
  it('differ in what they cost most: dev has one machine, small three, production a group for each role', () => {
    const machines = sizes.map((size) => bySize[size].list('AWS::AutoScaling::AutoScalingGroup').length);
    expect(machines).toEqual([1, 3, 11]);
  });
});
