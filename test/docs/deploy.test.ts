// Proves that docs/deploy.md says what is so: each command is understood, each name is what the stacks make, each setting is there.
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nameRunbook, type RunbookKind } from '../../lib/machines/write-runbooks.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { settingsSchema } from '../../lib/settings/settings.ts';
import type { Platform } from '../../lib/stacks/compose-platform.ts';
import { hashInput } from '../../src/api/hash-input.ts';
import { nameTable, tableDefinitions } from '../../src/platform/tables.ts';
import { inboxMessageSchema } from '../../src/protocol/messages.ts';
import { findPartition } from '../../src/protocol/partition.ts';
import booking from '../../workflows/booking/app.ts';
import { synthesizePlatform, type PlacedResource, type Synthesized } from '../support/infra/synthesize-platform.ts';
import { checkCommand } from './check-command.ts';
import { checkLinks } from './check-links.ts';
import { listDocuments } from './list-documents.ts';
import { checkAws, checkCdk } from './operator-commands.ts';
import { parseDocument, readDocument, type Document } from './read-document.ts';
import { splitCommands } from './split-commands.ts';

const PAGE = 'docs/deploy.md';
const packageSchema = z.object({ version: z.string(), scripts: z.record(z.string(), z.string()) });
const { version, scripts } = packageSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));
const defaults = readSettings(undefined);

/** What an operator has, and what is on the machines. */
const others = /^(alias|cd|curl|docker|export|git|set|sha256sum|sha512sum|source|sudo|\/opt\/starquake\/bin\/(check-machine|tool))$/;

let page: Document;
let text: string;
let platform: Synthesized;
/** The largest that there is. */
let production: Synthesized;
/** All stacks, as the CDK names them. */
let stacks: readonly string[];
beforeAll(async () => {
  page = await readDocument(PAGE);
  text = readFileSync(PAGE, 'utf8');
  platform = synthesizePlatform({ size: 'small' });
  production = synthesizePlatform({ size: 'production', production: { proxies: { instanceType: 'c7g.large', count: 2 } } });
  // The example apps are left out of this synthesis, which they would slow down.
  stacks = [...Object.keys(platform.templates), `${defaults.name}-apps`];
}, 60_000);

const isKept = ({ DeletionPolicy = '' }: PlacedResource): boolean => DeletionPolicy.startsWith('Retain');

/** Whether AWS refuses to delete it, in the ways in which resources say so. */
const isProtected = ({ Properties = {} }: PlacedResource): boolean =>
  Properties['DeletionProtectionEnabled'] === true ||
  Properties['DeletionProtection'] === 'ACTIVE' ||
  (JSON.stringify(Properties['LoadBalancerAttributes']) ?? '').includes('{"Key":"deletion_protection.enabled","Value":"true"}');

/** What lets them go. */
const switches: Readonly<Record<string, string>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer':
    'elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes Key=deletion_protection.enabled,Value=false',
};

interface Command {
  readonly at: string;
  readonly chapter: string;
  readonly words: readonly string[];
}

const listCommands = ({ path, blocks }: Document): readonly Command[] =>
  blocks
    .filter(({ language }) => language === 'sh' || language === 'bash')
    .flatMap((block) =>
      splitCommands(block.text).map(({ line, words }) => ({ at: `${path}:${block.line + line}`, chapter: block.chapter, words })),
    );

const check = async (words: readonly string[]): Promise<string | undefined> => {
  const [name = '', ...rest] = words;
  if (name === 'npx' && rest[0] === 'cdk') return checkCdk(rest.slice(1), stacks);
  if (name === 'aws') return checkAws(rest);
  return others.test(name) ? undefined : checkCommand(words, { scripts: Object.keys(scripts), routes: [] });
};

const complain = async (document: Document): Promise<readonly string[]> => {
  const found = await Promise.all(listCommands(document).map(async ({ at, words }) => ({ at, complaint: await check(words) })));
  return found.flatMap(({ at, complaint }) => (complaint === undefined ? [] : [`${at}: ${complaint}`]));
};

/** The one command that begins so. */
const findCommand = (...beginning: readonly string[]): readonly string[] => {
  const found = listCommands(page).filter(({ words }) => beginning.every((word, at) => words[at] === word));
  expect(found.map(({ at }) => at)).toHaveLength(1);
  return found[0]?.words ?? [];
};

const readOption = (words: readonly string[], option: string): string => words[words.indexOf(option) + 1] ?? '';

describe('the page about deploying', () => {
  it('has only commands that are understood', async () => {
    expect(listCommands(page).length).toBeGreaterThan(50);
    expect(await complain(page)).toEqual([]);
  });

  it('has only links and paths that lead somewhere', async () => {
    expect(checkLinks(page, await listDocuments())).toEqual([]);
    const files = [...text.matchAll(/(?:^|[ `])((?:deploy|test|docs|lib)\/[\w./-]+\.\w+)/gm)].map(([, path = '']) => path);
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names only automations that the platform has', () => {
    const kinds: readonly RunbookKind[] = ['replace-node', 'upgrade', 'restart-role', 'renew-keys', 'decommission-bookie'];
    const known = [...kinds.map((kind) => nameRunbook(defaults.name, kind)), `${defaults.name}-restore-table`];
    const named = listCommands(page).flatMap(({ words }) =>
      words.includes('--document-name') ? [readOption(words, '--document-name')] : [],
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('puts artefacts where machines fetch them, in the versions that the settings name', () => {
    const { pulsar, offloaders, connector } = defaults.artefacts;
    const keys = [
      `pulsar/${pulsar.version}/apache-pulsar-${pulsar.version}-bin.tar.gz`,
      `pulsar/${offloaders.version}/apache-pulsar-offloaders-${offloaders.version}-bin.tar.gz`,
      `connector/${connector.version}/starquake-connector-${connector.version}-linux-arm64.tar.gz`,
    ];
    const targets = listCommands(page).flatMap(({ words }) => (words[1] === 's3' ? [words.at(-1)?.replace('s3://$ARTEFACTS/', '')] : []));
    expect(targets).toEqual(keys);
    expect(connector.version).toBe(version);
    const fetched = readFileSync('lib/machines/scripts/fetch-software.sh', 'utf8').replaceAll(
      /\$STARQUAKE_(PULSAR|OFFLOADERS|CONNECTOR)_VERSION/g,
      (_, what) => (what === 'CONNECTOR' ? connector.version : pulsar.version),
    );
    for (const key of keys) expect(fetched).toContain(`"${key}"`);
  });

  it('starts the first booking as the API would: a message that is one, on the partition of its run', () => {
    const words = findCommand('/opt/starquake/bin/tool', 'pulsar-client', 'produce');
    const json = readOption(words, '--messages');
    // The client takes what it is given apart at its separator, a regular expression.
    expect(json.split(new RegExp(readOption(words, '--separator')))).toEqual([json]);
    const message = inboxMessageSchema.parse(JSON.parse(json));
    if (message.type !== 'StartRun' || !('json' in message.input)) throw new Error('It starts no run.');
    expect(booking.name).toBe(message.app);
    expect(booking.workflows.map(({ name }) => name)).toContain(message.workflow);
    expect(message.inputHash).toBe(hashInput(message.input.json));
    expect(readOption(words, '--key')).toBe(message.run);
    const partition = findPartition(message.run, defaults.inboxPartitions);
    expect(words.at(-1)).toBe(`persistent://${defaults.namespace}/inbox-partition-${partition}`);
    expect(text).toContain(`\`${message.run}\` is on ${partition} of ${defaults.inboxPartitions}`);
  });

  it('has every setting, and no other', () => {
    const objectSchema = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() });
    const listPaths = (schema: unknown, before: readonly string[]): readonly string[] => {
      const { properties } = objectSchema.parse(schema);
      if (properties === undefined || before.length === 2) return [before.join('.')];
      return Object.entries(properties).flatMap(([name, inner]) => listPaths(inner, [...before, name]));
    };
    const chapter = text.split('\n## ').find((part) => part.startsWith('Settings\n')) ?? '';
    const rows = chapter.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([\w.]+)`/g)].map(([, path = '']) => path));
    const json = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
    expect(named.toSorted()).toEqual(listPaths(json, []).toSorted());
  });

  it('tells how to delete each thing that outlives its stack, and to unprotect each stack that is protected', () => {
    const deletions: Readonly<Record<string, string>> = {
      'AWS::Backup::BackupVault': 'backup delete-backup-vault',
      'AWS::Cognito::UserPool': 'cognito-idp delete-user-pool',
      'AWS::DynamoDB::GlobalTable': 'dynamodb delete-table',
      'AWS::EC2::Volume': 'ec2 delete-volume',
      'AWS::KMS::Key': 'kms schedule-key-deletion',
      'AWS::S3::Bucket': 's3api delete-bucket',
    };
    for (const { resources } of [platform, production])
      expect(Object.keys(deletions)).toEqual(expect.arrayContaining(resources.filter(isKept).map(({ Type }) => Type)));
    const kept = platform.resources.filter(isKept);
    expect([...new Set(kept.map(({ Type }) => Type))].toSorted()).toEqual(Object.keys(deletions).toSorted());
    const commands = listCommands(page).filter(({ chapter }) => chapter === 'Tear down');
    const operations = commands.map(({ words }) => words.slice(1, 3).join(' '));
    for (const operation of Object.values(deletions)) expect(operations).toContain(operation);
    const unprotected = commands.flatMap(({ words }) => (words.includes('--stack-name') ? [readOption(words, '--stack-name')] : []));
    for (const made of [platform.platform, production.platform]) {
      const protectedStacks = Object.values<Platform[keyof Platform]>({ ...made }).filter((stack) => stack?.terminationProtection === true);
      expect(new Set(unprotected)).toEqual(new Set(protectedStacks.map((stack) => stack?.stackName)));
    }
    for (const definition of tableDefinitions) expect(text).toContain(`\`${nameTable(defaults.name, definition)}\``);
    const buckets = kept
      .filter(({ Type }) => Type === 'AWS::S3::Bucket')
      .map(({ Properties }) => JSON.stringify(Properties?.['BucketName']));
    const named = [...text.matchAll(/`(starquake-[a-z]+-)`/g)].map(([, name = '']) => name);
    expect(buckets.filter((bucket) => !named.some((name) => bucket.includes(`"${name}"`)))).toEqual([]);
    expect(named).toHaveLength(buckets.length);
  });
});

describe('tearing down', () => {
  it('switches off whatever protection would keep a stack from being destroyed, with proxies too', () => {
    const operations = listCommands(page)
      .filter(({ chapter }) => chapter === 'Tear down')
      .map(({ words }) => words.join(' '));
    const wanted = production.resources
      .filter((resource) => !isKept(resource) && isProtected(resource))
      .map(({ Type }) => switches[Type] ?? `nothing is known for ${Type}`);
    expect(wanted.length).toBeGreaterThan(0);
    for (const line of wanted) expect(operations).toContainEqual(expect.stringContaining(line));
    const before = operations.findIndex((line) => line.startsWith('npx cdk destroy --all'));
    for (const line of wanted) expect(operations.findIndex((command) => command.includes(line))).toBeLessThan(before);
  });

  it('finds every volume that is kept by a tag that each has, whether it is backed up or not', () => {
    const [, tag = '', value = ''] = /describe-volumes --filters Name=tag:([\w-]+),Values=([\w-]+)/.exec(text) ?? [];
    const volumes = production.list('AWS::EC2::Volume').concat(platform.list('AWS::EC2::Volume'));
    for (const volume of volumes) expect(volume.Properties?.['Tags']).toContainEqual({ Key: tag, Value: value });
  });
});

describe('the checks of the page', () => {
  it('name the line of a command that is not so', async () => {
    const commands = [
      'npx cdk deploy starquake-nothing',
      'npx cdk destroy --all --softly',
      'npx cdk launch',
      'npx cdk deploy --all -c colour=red',
      'aws dynamodb drop-table',
      'aws ec2 delete-volume --volume 1',
      'starquake list --colour',
      'npx cdk deploy --all -c size=small',
    ];
    const planted = parseDocument('docs/planted.md', `\`\`\`bash\n${commands.join('\n')}\n\`\`\``);
    expect(await complain(planted)).toEqual([
      'docs/planted.md:2: there is no stack starquake-nothing',
      'docs/planted.md:3: "cdk destroy" has no option --softly',
      'docs/planted.md:4: the CDK has no "launch"',
      'docs/planted.md:5: nothing reads "colour=red"',
      'docs/planted.md:6: "aws dynamodb drop-table" is not known to be an operation of AWS',
      'docs/planted.md:7: "aws ec2 delete-volume" has no option --volume',
      "docs/planted.md:8: error: unknown option '--colour'",
    ]);
  });
});
