// What machines are told and what they run: rendered, without a template around it.
import { describe, expect, it } from 'vitest';
import { listWith, planNodes } from '../../lib/machines/plan-nodes.ts';
import { renderInstaller, renderMachine, type MachineOf } from '../../lib/machines/render-machine.ts';
import { describeCluster } from '../../lib/pulsar-config/describe-cluster.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { sizes } from '../../lib/settings/settings.ts';

const planOf = (input: Parameters<typeof readSettings>[0]) => {
  const settings = readSettings(input);
  const cluster = describeCluster(settings, { offloadBucket: '@OFFLOAD_BUCKET@' });
  const nodes = planNodes(settings, cluster);
  const machines: readonly MachineOf[] = [
    ...nodes.map((node) => ({ settings, cluster, node })),
    ...(settings.size === 'production' ? [{ settings, cluster }] : []),
  ];
  return { nodes, machines };
};

const textOf = (machine: MachineOf, path: string): string => renderMachine(machine).find((file) => file.path === path)?.text ?? '';

describe('the plan of machines', () => {
  it('has one machine for everything in `dev`', () => {
    expect(planOf({ size: 'dev' }).nodes.map(({ roles }) => roles)).toEqual([['standalone', 'connector']]);
  });

  it('has all roles in each of three zones in `small`', () => {
    const { nodes } = planOf({ size: 'small' });
    expect(new Set(nodes.map(({ description }) => description.zone)).size).toBe(3);
    for (const { roles } of nodes) expect(roles).toEqual(['zookeeper', 'bookie', 'broker', 'connector']);
  });

  it('has three ZooKeepers, four bookies with disks of their own, and brokers in `production`; proxies where they are wanted', () => {
    const { nodes } = planOf({ size: 'production', production: { proxies: { instanceType: 'c7g.large', count: 2 } } });
    expect(listWith(nodes, 'zookeeper')).toHaveLength(3);
    expect(listWith(nodes, 'bookie').every(({ hasLocalDisks }) => hasLocalDisks)).toBe(true);
    expect(listWith(nodes, 'bookie')).toHaveLength(4);
    expect(listWith(nodes, 'proxy')).toHaveLength(2);
    expect(listWith(planOf({ size: 'production' }).nodes, 'proxy')).toHaveLength(0);
  });

  it('spreads every role over three zones', () => {
    const { nodes } = planOf({ size: 'production' });
    for (const role of ['zookeeper', 'bookie', 'broker'] as const) {
      expect(new Set(listWith(nodes, role).map(({ description }) => description.zone)).size).toBe(3);
    }
  });

  it('lets exactly one machine make the keys, the metadata and the namespace', () => {
    for (const size of sizes) expect(planOf({ size }).nodes.filter(({ isFirst }) => isFirst)).toHaveLength(1);
  });
});

describe('a machine', () => {
  it('starts what it runs in order: a broker after its bookie, a bookie after its ZooKeeper, all after address, disks and keys', () => {
    const [machine] = planOf({ size: 'small' }).machines;
    if (machine === undefined) throw new Error('There is no machine.');
    const after = (unit: string): string =>
      /^After=(.*)$/m.exec(textOf(machine, `/etc/systemd/system/starquake-${unit}.service`))?.[1] ?? '';
    expect(after('broker')).toContain('starquake-bookie.service');
    expect(after('bookie')).toContain('starquake-zookeeper.service');
    expect(after('connector')).toContain('starquake-broker.service');
    for (const unit of ['zookeeper', 'bookie', 'broker'])
      expect(after(unit)).toMatch(/starquake-take-over\.service.*starquake-keys\.service/);
  });

  it('counts a process as up only when it answers', () => {
    for (const { machines } of sizes.map((size) => planOf({ size }))) {
      for (const machine of machines) {
        for (const role of machine.node?.roles.filter((own) => own !== 'connector') ?? []) {
          expect(textOf(machine, `/etc/systemd/system/starquake-${role}.service`)).toContain(
            `ExecStartPost=/opt/starquake/bin/check ${role} `,
          );
        }
      }
    }
  });

  it('puts what serves clients into service with every start, and nothing else', () => {
    const { machines } = planOf({ size: 'production', production: { proxies: { instanceType: 'c7g.large', count: 1 } } });
    for (const machine of [...machines, ...planOf({ size: 'dev' }).machines, ...planOf({ size: 'small' }).machines]) {
      for (const role of machine.node?.roles.filter((own) => own !== 'connector') ?? []) {
        const unit = textOf(machine, `/etc/systemd/system/starquake-${role}.service`);
        const isPutIn = /ExecStartPre=\+\/bin\/sh -c 'echo OK >\/etc\/pulsar\/in-service'\nExecStart=/.test(unit);
        expect([role, isPutIn]).toEqual([role, ['broker', 'proxy', 'standalone'].includes(role)]);
      }
    }
  });

  it('keeps the logs of a bookie for 30 days, since they alone say whether it is full, and those of each process once', () => {
    for (const { machines } of sizes.map((size) => planOf({ size }))) {
      for (const machine of machines) {
        const text = textOf(machine, '/etc/logrotate.d/starquake');
        const kept = [...text.matchAll(/^\/var\/log\/starquake\/(\w+)\.log \{\n[^}]*maxsize 100M\n {2}rotate (\d+)\n {2}compress$/gm)];
        const roles = machine.node?.roles ?? ['connector'];
        expect(kept.map(([, role, days]) => [role, days])).toEqual(roles.map((role) => [role, role === 'bookie' ? '30' : '5']));
      }
    }
  });

  it('lets a bookie that ended before it was full begin anew, whatever ended it', () => {
    for (const { machines } of sizes.map((size) => planOf({ size }))) {
      for (const machine of machines.filter(({ node }) => node?.roles.includes('bookie'))) {
        const unit = textOf(machine, '/etc/systemd/system/starquake-bookie.service');
        expect(unit).toMatch(/ExecStartPre=\/opt\/starquake\/bin\/prepare-bookie\nExecStart=/);
      }
    }
  });

  it('gives a connector longer to end than it needs to drain', () => {
    const { machines } = planOf({ size: 'production' });
    const fleet = machines.find(({ node }) => node === undefined);
    if (fleet === undefined) throw new Error('There is no fleet.');
    const stop = /^TimeoutStopSec=(\d+)$/m.exec(textOf(fleet, '/etc/systemd/system/starquake-connector.service'))?.[1];
    expect(Number(stop)).toBeGreaterThan(25);
  });

  it('puts nothing on a disk that is not mounted yet', () => {
    for (const size of sizes) {
      for (const machine of planOf({ size }).machines) {
        expect(renderMachine(machine).filter(({ path }) => path.startsWith('/data/'))).toEqual([]);
      }
    }
  });

  it('has no key and no token in its files', () => {
    for (const size of sizes) {
      for (const machine of planOf({ size }).machines) {
        for (const { text } of renderMachine(machine)) expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{20}/);
      }
    }
  });

  it('has files that are the same however often they are rendered', () => {
    for (const machine of planOf({ size: 'small' }).machines) expect(renderMachine(machine)).toEqual(renderMachine(machine));
  });

  it('is measured where that is worth its price', () => {
    const agents = sizes.map((size) => planOf({ size }).machines.map((machine) => textOf(machine, '/etc/starquake/agent.json') !== ''));
    expect(agents.map((each) => [...new Set(each)])).toEqual([[false], [true], [true]]);
  });

  it('is put in place by one script that holds every file', () => {
    const [machine] = planOf({ size: 'small' }).machines;
    if (machine === undefined) throw new Error('There is no machine.');
    const files = renderMachine(machine);
    const installer = renderInstaller('node-1', files);
    for (const { path, text } of files) expect(installer).toContain(`${path} <<'END-OF-FILE-OF-STARQUAKE'\n${text}`);
  });
});
