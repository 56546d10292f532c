// The runbook is what alarms promise: a section for each, no section of an alarm that is gone, and commands that there are.
import { readFile } from 'node:fs/promises';
import { App, Stack } from 'aws-cdk-lib';
import { Function } from 'aws-cdk-lib/aws-lambda';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { listAlarms } from '../../lib/constructs/alarm-list.ts';
import type { Role } from '../../lib/machines/plan-nodes.ts';
import { renderUnits } from '../../lib/machines/render-units.ts';
import { describeCluster } from '../../lib/pulsar-config/describe-cluster.ts';
import { renderNode } from '../../lib/pulsar-config/render-node.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { COST_ANOMALY } from '../../lib/stacks/observability-stack.ts';
import { checkCommand, checkNamedCommand } from '../docs/check-command.ts';
import { readDocument, type Document } from '../docs/read-document.ts';
import { splitCommands } from '../docs/split-commands.ts';

const stack = new Stack(new App(), 'alarms');
const subjects = {
  tables: [TableV2.fromTableName(stack, 'Runs', 'starquake-runs')],
  timerFunction: Function.fromFunctionName(stack, 'Timer', 'starquake-starquake_timer'),
};
const alarms = [...listAlarms(readSettings({ size: 'production' }), subjects).map(({ id }) => id), COST_ANOMALY];

let page: Document;
let whole: string;
/** Sections, in order, by the chapter that they are in. */
let sections: Readonly<Record<string, readonly string[]>>;
let text: Readonly<Record<string, string>>;

beforeAll(async () => {
  page = await readDocument('docs/runbook.md');
  whole = await readFile('docs/runbook.md', 'utf8');
  const chapters = whole.split(/^# /m).slice(2);
  sections = Object.fromEntries(
    chapters.map((chapter) => [chapter.split('\n')[0] ?? '', [...chapter.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading)]),
  );
  text = Object.fromEntries(
    (chapters[0] ?? '')
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0] ?? '', section]),
  );
});

describe('the runbook', () => {
  it('has a section for every alarm, and none for an alarm that there is not', () => {
    expect(new Set(sections['Alarms'])).toEqual(new Set(alarms));
  });

  it('says of every alarm what it means, how to look, what to do, and how it ends', () => {
    for (const id of alarms)
      for (const part of ['**What it means.**', '**Look.**', '**Do.**', '**It ends**']) expect(text[id]).toContain(part);
  });

  it('has a section for the work that comes up in the life of a platform', () => {
    expect(sections['Operations']).toEqual([
      'Backup',
      'Restore',
      'Scaling out',
      'Rolling upgrade',
      'Bookie decommission',
      'Rotating keys',
      'Erasing a tenant',
    ]);
  });

  it('shows only commands of starquake that are understood', async () => {
    const commands = page.blocks
      .filter(({ language }) => language === 'sh' || language === 'bash')
      .flatMap((block) => splitCommands(block.text).map(({ line, words }) => ({ at: block.line + line, words })))
      .filter(({ words: [name] }) => name === 'starquake');
    expect(commands.length).toBeGreaterThan(10);
    const complaints = await Promise.all(
      commands.map(async ({ at, words }) => [at, await checkCommand(words, { scripts: [], routes: [] })] as const),
    );
    expect(complaints.filter(([, complaint]) => complaint !== undefined)).toEqual([]);
  });

  it('names only commands of starquake that there are', () => {
    const named = page.codes.filter(({ text: code }) => code.startsWith('starquake '));
    expect(named.flatMap(({ line, text: code }) => checkNamedCommand(code)?.replace(/^/, `${line}: `) ?? [])).toEqual([]);
  });

  it('runs nothing but what an operator has: the commands of AWS and CDK, and what is on the machines', () => {
    const known =
      /^(aws|npx|alias|export|set|source|sudo|df|curl|grep|tail|systemctl|cp|mv|mkdir|chown|xfs_growfs|mount|sed|starquake|\/opt\/starquake\/bin\/tool)$/;
    const names = page.blocks
      .filter(({ language }) => language === 'bash')
      .flatMap((block) => splitCommands(block.text).map(({ line, words: [name = ''] }) => ({ at: block.line + line, name })));
    expect(names.filter(({ name }) => !known.test(name))).toEqual([]);
  });

  it('has volumes attached by the operator, who may, and mounts them on the machine by the name that they have there', () => {
    // Those of a numbered step too, which are indented.
    const blocks = [...whole.matchAll(/^ *```bash\n([^`]*)^ *```$/gm)].map(([, block = '']) => block);
    const [onMachine, ...others] = blocks.filter((block) => /^\s*mount /m.test(block));
    expect(others).toEqual([]);
    expect(onMachine).not.toMatch(/^\s*aws /m);
    const [, disk = ''] = /mount .*_Block_Store_(\w+) /.exec(onMachine ?? '') ?? [];
    expect(onMachine).toMatch(/mkdir -p (\S+)\n\s*mount .* \1\n/);
    const attached = blocks.flatMap((block) => /attach-volume --volume-id (\S+)/.exec(block)?.[1] ?? []);
    expect(attached.map((volume) => volume.replace('-', ''))).toEqual([disk]);
  });

  it('looks for logs where the units write them, and nowhere else', () => {
    const roles: readonly Role[] = ['standalone', 'zookeeper', 'bookie', 'broker', 'proxy', 'connector'];
    const units = renderUnits({ roles, isFirst: true }).map(({ text: unit }) => unit);
    const written = units.flatMap((unit) => [...unit.matchAll(/^StandardOutput=append:(.+)$/gm)].map(([, path = '']) => path));
    const named = page.blocks.flatMap(({ text: block }) => [...block.matchAll(/\/var\/log\/\S+\.log/g)].map(([path]) => path));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !written.includes(path))).toEqual([]);
    // What a unit appends to a file is not in the journal.
    expect(page.blocks.filter(({ text: block }) => block.includes('journalctl'))).toEqual([]);
  });

  it('says at which use of its disk a bookie stops as the bookie is told', () => {
    const cluster = describeCluster(readSettings({ size: 'production' }), { offloadBucket: 'offload' });
    const bookie = cluster.nodes.find(({ name }) => name === 'bookie-1');
    const conf =
      bookie === undefined
        ? ''
        : renderNode(cluster, bookie)
            .map(({ text: file }) => file)
            .join('\n');
    const [, share = ''] = /^diskUsageThreshold=(.+)$/m.exec(conf) ?? [];
    expect(text['disk']).toContain(`At ${Math.round(Number(share) * 100)} % a bookie takes no more entries`);
  });
});
