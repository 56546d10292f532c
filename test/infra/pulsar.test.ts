// The machines in the templates: what must hold of every size.
import { describe, expect, it } from 'vitest';
import { sizes } from '../../lib/settings/settings.ts';
import { synthesizePlatform, type PlacedResource, type Synthesized } from '../support/infra/synthesize-platform.ts';

const bySize = Object.fromEntries(sizes.map((size) => [size, synthesizePlatform({ size })])) as Record<(typeof sizes)[number], Synthesized>;
const nodesOf = { dev: 1, small: 3, production: 10 } as const;

const read = (resource: PlacedResource, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    resource.Properties,
  );

/** Every text in a value, tokens left out. */
const writeAll = (value: unknown): string => JSON.stringify(value);

describe.each(sizes)('machines of %s', (size) => {
  const { list, templates } = bySize[size];

  it('have one group of exactly one instance for each node', () => {
    const groups = list('AWS::AutoScaling::AutoScalingGroup').filter(({ stack }) => stack.endsWith('-pulsar'));
    expect(groups).toHaveLength(nodesOf[size]);
    for (const group of groups) expect([read(group, 'MinSize'), read(group, 'MaxSize')]).toEqual(['1', '1']);
  });

  it('answer to metadata requests of version 2 only, have no key pair and no public address', () => {
    const machines = list('AWS::EC2::LaunchTemplate');
    expect(machines.length).toBeGreaterThanOrEqual(nodesOf[size]);
    for (const machine of machines) {
      expect(read(machine, 'LaunchTemplateData', 'MetadataOptions', 'HttpTokens')).toBe('required');
      expect(read(machine, 'LaunchTemplateData', 'KeyName')).toBeUndefined();
      expect(writeAll(machine.Properties)).not.toContain('AssociatePublicIpAddress');
    }
    for (const subnet of list('AWS::EC2::Subnet')) expect(read(subnet, 'MapPublicIpOnLaunch')).toBe(false);
    expect(list('AWS::EC2::EIP')).toEqual([]);
  });

  it('take the newest Amazon Linux 2023 for arm64 when they are launched', () => {
    for (const machine of list('AWS::EC2::LaunchTemplate')) {
      expect(writeAll(read(machine, 'LaunchTemplateData', 'ImageId'))).toContain(
        'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      );
    }
  });

  it('have encrypted disks, and keep the data when the stack is gone', () => {
    for (const volume of list('AWS::EC2::Volume')) {
      expect(read(volume, 'Encrypted')).toBe(true);
      expect([volume.DeletionPolicy, volume.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    }
    for (const machine of list('AWS::EC2::LaunchTemplate')) {
      const [root] = read(machine, 'LaunchTemplateData', 'BlockDeviceMappings') as readonly { Ebs: unknown }[];
      expect(root?.Ebs).toMatchObject({ Encrypted: true, VolumeType: 'gp3' });
    }
  });

  it('are told what they are in far less than 16 KB', () => {
    for (const machine of list('AWS::EC2::LaunchTemplate')) {
      expect(writeAll(read(machine, 'LaunchTemplateData', 'UserData')).length).toBeLessThan(10_000);
    }
  });

  it("may attach their own address and disks, and nobody else's", () => {
    const statements = list('AWS::IAM::Policy').flatMap(
      (policy) => read(policy, 'PolicyDocument', 'Statement') as readonly Record<string, unknown>[],
    );
    const attach = statements.filter(({ Action }) => writeAll(Action).includes('ec2:Attach'));
    expect(attach.length).toBeGreaterThan(0);
    const toInstances = attach.filter(({ Resource }) => writeAll(Resource).includes('instance/*'));
    for (const { Condition } of toInstances) expect(Condition).toEqual({ StringEquals: { 'aws:ResourceTag/starquake': 'starquake' } });
    for (const { Resource } of attach.filter((statement) => !toInstances.includes(statement))) {
      expect(writeAll(Resource)).toMatch(/network-interface|volume/);
    }
  });

  it('have names that do not change when an instance is replaced', () => {
    const records = list('AWS::Route53::RecordSet').map((record) => read(record, 'Name'));
    expect(records).toContain('brokers.starquake.internal.');
    expect(new Set(records).size).toBe(nodesOf[size] + 1);
    expect(list('AWS::EC2::NetworkInterface')).toHaveLength(nodesOf[size]);
  });

  it('have no key in any template', () => {
    expect(writeAll(templates)).not.toMatch(/PRIVATE KEY|"SecretString"/);
  });

  it('have runbooks whose every step is bounded', () => {
    const documents = list('AWS::SSM::Document').filter(({ stack }) => stack.endsWith('-pulsar'));
    const names = documents.map((document) => read(document, 'Name'));
    expect(names).toEqual(
      expect.arrayContaining(['replace-node', 'upgrade', 'restart-role', 'renew-keys'].map((kind) => `starquake-${kind}`)),
    );
    expect(names.includes('starquake-decommission-bookie')).toBe(size === 'production');
    for (const document of documents) {
      const steps = read(document, 'Content', 'mainSteps') as readonly Record<string, unknown>[];
      for (const step of steps.filter(({ action }) => action !== 'aws:executeAwsApi')) expect(writeAll(step)).toMatch(/timeoutSeconds/);
    }
  });
});

describe('production', () => {
  it('has connectors in a group that grows with the load', () => {
    const groups = bySize.production.list('AWS::AutoScaling::AutoScalingGroup').filter(({ stack }) => stack.endsWith('-engine'));
    expect(groups.map((group) => [read(group, 'MinSize'), read(group, 'MaxSize')])).toEqual([['2', '10']]);
    expect(bySize.production.list('AWS::AutoScaling::ScalingPolicy')).toHaveLength(1);
  });

  it('has a load balancer only where clients outside are expected, and never a public one', () => {
    expect(bySize.production.list('AWS::ElasticLoadBalancingV2::LoadBalancer')).toEqual([]);
    const open = synthesizePlatform({ size: 'production', production: { proxies: { instanceType: 'c7g.large', count: 2 } } });
    const [balancer] = open.list('AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(balancer && read(balancer, 'Scheme')).toBe('internal');
  }, 60_000);
});
