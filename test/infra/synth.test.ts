// What is synthesized, as a whole: the same every time, nothing looked up, and no permission wider than its reason.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sizes } from '../../lib/settings/settings.ts';
import { listStatements, type PlacedStatement } from '../support/infra/list-statements.ts';
import { synthesizePlatform, type Synthesized } from '../support/infra/synthesize-platform.ts';

/** A platform takes some seconds, on a machine that does other things too. */
const SYNTHESIS_MS = 60_000;
const bySize = Object.fromEntries(sizes.map((size) => [size, synthesizePlatform({ size })])) as Record<(typeof sizes)[number], Synthesized>;

/** Actions that know no resource, or that are bound by a condition; each with its reason. */
const everywhere: Readonly<Record<string, string>> = {
  'cloudwatch:PutMetricData': 'knows no resource; a condition binds it to the namespace',
  'autoscaling:DescribeAutoScalingGroups': 'reads, and knows no resource',
  'autoscaling:DescribeInstanceRefreshes': 'reads, and knows no resource',
  'ssm:DescribeInstanceInformation': 'reads, and knows no resource',
  'ssm:ListCommands': 'reads, and knows no resource',
  'ssm:ListCommandInvocations': 'reads, and knows no resource',
};

const asText = (value: unknown): string => JSON.stringify(value) ?? '';
const ACCOUNT = { Ref: 'AWS::AccountId' };

/** What may have a `*` beside roles: the kind of resource, what must hold of the statement, and why it may. */
const wideBy: Readonly<Record<string, { readonly holds: (statement: PlacedStatement) => boolean; readonly reason: string }>> = {
  'AWS::KMS::Key': {
    holds: ({ Principal, Condition }) =>
      asText(Principal).includes(':root') || Condition?.['StringEquals']?.['aws:SourceAccount'] !== undefined,
    reason: "In a key's own policy `*` is that key; the account may give permissions by its roles, a service may use it for this account",
  },
  'AWS::EC2::VPCEndpoint': {
    holds: ({ Action, Condition }) => {
      const equals = Condition?.['StringEquals'] ?? {};
      const ours = asText(equals['aws:PrincipalAccount']) === asText(ACCOUNT);
      const owned = asText(equals['aws:ResourceAccount']) === asText(ACCOUNT);
      const services = Action.map((action) => String(action).split(':')[0] ?? '');
      // A function of another account may be named by a job; neither of the other two has a resource that could be another's.
      return (
        ours &&
        (owned || Action.includes('lambda:InvokeFunction') || services.every((name) => ['ssmmessages', 'cloudwatch'].includes(name)))
      );
    },
    reason: 'An endpoint permits nothing by itself: it keeps other accounts out, and roles say what a machine may',
  },
};

const hasStar = ({ Action, Resource }: PlacedStatement): boolean =>
  Resource.includes('*') || Action.some((action) => String(action).endsWith('*'));
/** Any action of any service, or all but some. */
const isBoundless = ({ Action, NotAction, NotResource }: PlacedStatement): boolean =>
  Action.includes('*') || NotAction !== undefined || NotResource !== undefined;
const isForRoles = ({ of }: PlacedStatement): boolean => of.Type.startsWith('AWS::IAM::');

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

  const allowed = listStatements(resources).filter(({ Effect }) => Effect === 'Allow');
  const name = ({ of, Action }: PlacedStatement): string => `${of.Type} ${of.id} ${Action.join(' ')}`;

  it('have policies in more places than roles, and all of them are looked at', () => {
    const types = new Set(allowed.map(({ of }) => of.Type));
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::KMS::Key', 'AWS::EC2::VPCEndpoint']) expect(types).toContain(type);
    const endpoints = list('AWS::EC2::VPCEndpoint').map(({ id }) => id);
    expect(endpoints.filter((id) => !allowed.some(({ of }) => of.id === id))).toEqual([]);
  });

  it('allow no action of any kind to anybody, nowhere', () => {
    expect(allowed.filter(isBoundless).map(name)).toEqual([]);
  });

  it('allow roles no action on everything that has not its reason here', () => {
    const wide = allowed.filter(isForRoles).filter(hasStar);
    const unexplained = wide.filter(({ Action }) =>
      Action.some((action) => String(action).endsWith('*') || !Object.hasOwn(everywhere, String(action))),
    );
    expect(unexplained.map(name)).toEqual([]);
  });

  it('allow elsewhere a `*` only where what it is bound by is known', () => {
    const wide = allowed.filter((statement) => !isForRoles(statement)).filter(hasStar);
    expect(wide.filter((statement) => wideBy[statement.of.Type]?.holds(statement) !== true).map(name)).toEqual([]);
  });

  it('let nobody of another account in, but for the packages of Amazon Linux, which are everybody’s', () => {
    const anyone = allowed.filter(({ Principal }) => Principal === '*' || asText(Principal).includes('"*"'));
    const open = anyone.filter(({ Condition }) => asText(Condition?.['StringEquals']?.['aws:PrincipalAccount']) !== asText(ACCOUNT));
    expect(open.map(({ Action }) => Action)).toEqual([['s3:GetObject']]);
    expect(asText(open[0]?.Resource)).toMatch(/:s3:::al2023-repos-.*-de612dc2\/\*/);
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
