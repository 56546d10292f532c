// The machines in the templates: what must hold of every size.
import { describe, expect, it } from 'vitest';
import { sizes } from '../../lib/settings/settings.ts';
import { listStatements, type PlacedStatement } from '../support/infra/list-statements.ts';
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

/** Which of these logical ids a part of a template refers to, in order. */
const listReferences = (part: unknown, ids: readonly string[]): readonly string[] =>
  ids.filter((id) => new RegExp(`"(?:Ref":"${id}"|Fn::GetAtt":\\["${id}")`).test(writeAll(part))).toSorted();

describe.each(sizes)('machines of %s', (size) => {
  const { list, templates, resources } = bySize[size];
  const attachable = ['AWS::EC2::NetworkInterface', 'AWS::EC2::Volume'].flatMap(list).map(({ id }) => id);
  const statements = listStatements(resources);
  const statementsOf = (role: string): readonly PlacedStatement[] =>
    statements.filter(({ of }) => of.Type === 'AWS::IAM::Policy' && listReferences(read(of, 'Roles'), [role]).length > 0);
  /** Machines with an identity, with the role that their instance profile has, and what their user data tells them. */
  const nodes = list('AWS::EC2::LaunchTemplate')
    .filter(({ stack }) => stack.endsWith('-pulsar'))
    .map((template) => {
      const told = read(template, 'LaunchTemplateData', 'UserData');
      const profiles = list('AWS::IAM::InstanceProfile').filter(
        ({ id }) => listReferences(read(template, 'LaunchTemplateData', 'IamInstanceProfile'), [id]).length > 0,
      );
      const roleIds = list('AWS::IAM::Role').map(({ id }) => id);
      const [role = ''] = profiles.flatMap((profile) => listReferences(read(profile, 'Roles'), roleIds));
      const [, name = ''] = /STARQUAKE_NODE='([a-z0-9-]+)'/.exec(writeAll(told)) ?? [];
      return { name, role, told };
    });

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

  it('have only those disks in the backup that hold the cursors', () => {
    const tagsOf = (volume: PlacedResource): string => writeAll(read(volume, 'Tags'));
    const backedUp = list('AWS::EC2::Volume').filter((volume) => tagsOf(volume).includes('"starquake-backup"'));
    expect(backedUp).toHaveLength({ dev: 1, small: 3, production: 3 }[size]);
    for (const { id } of backedUp) expect(id).toMatch(/Volume(zookeeper|standalone)/);
    for (const volume of list('AWS::EC2::Volume')) expect(tagsOf(volume)).toContain('{"Key":"starquake-volume","Value":"starquake"}');
  });

  it('are told what they are in far less than 16 KB', () => {
    for (const machine of list('AWS::EC2::LaunchTemplate')) {
      expect(writeAll(read(machine, 'LaunchTemplateData', 'UserData')).length).toBeLessThan(10_000);
    }
  });

  it('have a role of their own each: what one may is not what another may', () => {
    const roles = nodes.map(({ role }) => role);
    expect(new Set(roles).size).toBe(nodesOf[size]);
  });

  it("may attach their own address and disks, and nobody else's", () => {
    for (const { name, role, told } of nodes) {
      const attach = statementsOf(role).filter(({ Action }) => Action.some((action) => String(action).startsWith('ec2:')));
      const [toInstances, toOwn] = [true, false].map((is) =>
        attach.filter(({ Resource }) => writeAll(Resource).includes('instance/*') === is),
      );
      expect(toInstances?.map(({ Condition }) => Condition)).toEqual([
        { StringEquals: { 'aws:ResourceTag/starquake-node': `starquake-${name}` } },
      ]);
      // Its user data names what it attaches; its permission is for exactly that.
      const named = listReferences(
        toOwn?.map(({ Resource }) => Resource),
        attachable,
      );
      expect(named).toEqual(listReferences(told, attachable));
      expect(named.length).toBeGreaterThan(0);
    }
    const all = nodes.flatMap(({ told }) => listReferences(told, attachable));
    expect(new Set(all)).toEqual(new Set(attachable));
    expect(all).toHaveLength(attachable.length);
  });

  it('have one keyholder: no other reads the keys that sign, or writes any', () => {
    const [authority = ''] = list('AWS::SecretsManager::Secret').flatMap(({ id }) => (id.startsWith('Secretauthority') ? [id] : []));
    expect(authority).not.toBe('');
    const reads = nodes.filter(({ role }) => statementsOf(role).some(({ Resource }) => listReferences(Resource, [authority]).length > 0));
    const writes = nodes.filter(({ role }) => statementsOf(role).some(({ Action }) => Action.includes('secretsmanager:PutSecretValue')));
    expect([reads.length, writes.length]).toEqual([1, 1]);
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

  it('goes on with a release of connectors only when one says that it works, and says so to no other stack', () => {
    const [group] = bySize.production.list('AWS::AutoScaling::AutoScalingGroup').filter(({ stack }) => stack.endsWith('-engine'));
    expect(group?.UpdatePolicy).toMatchObject({
      AutoScalingRollingUpdate: {
        WaitOnResourceSignals: true,
        MinSuccessfulInstancesPercent: 100,
        MinInstancesInService: 2,
        MaxBatchSize: 1,
        SuspendProcesses: expect.arrayContaining([
          'AlarmNotification',
          'AZRebalance',
          'HealthCheck',
          'ReplaceUnhealthy',
          'ScheduledActions',
        ]),
      },
    });
    const [template] = bySize.production.list('AWS::EC2::LaunchTemplate').filter(({ stack }) => stack.endsWith('-engine'));
    const told = template === undefined ? '' : writeAll(read(template, 'LaunchTemplateData', 'UserData'));
    expect(told).toContain(`--stack-name 'starquake-engine' --logical-resource-id '${group?.id}'`);
    const signals = listStatements(bySize.production.resources).filter(({ Action }) => Action.includes('cloudformation:SignalResource'));
    expect(signals.map(({ Resource, of }) => [of.stack, Resource])).toEqual([['starquake-engine', [{ Ref: 'AWS::StackId' }]]]);
    const ways = bySize.production.list('AWS::EC2::VPCEndpoint').map((endpoint) => writeAll(read(endpoint, 'ServiceName')));
    expect(ways.filter((service) => service.endsWith('.cloudformation"'))).toHaveLength(1);
  });

  it('replaces connectors for a release of connectors, machines of Pulsar for a release of Pulsar, and neither for the other', () => {
    const release = { version: '9.9.9', sha256: 'f'.repeat(64) };
    const tell = ({ list }: Synthesized, stack: string): readonly string[] =>
      list('AWS::EC2::LaunchTemplate').flatMap((template) =>
        template.stack.endsWith(stack) ? [writeAll(read(template, 'LaunchTemplateData', 'UserData'))] : [],
      );
    const pulsar = synthesizePlatform({ size: 'production', artefacts: { pulsar: release, offloaders: release } });
    expect(tell(pulsar, '-engine')).toEqual(tell(bySize.production, '-engine'));
    for (const told of tell(pulsar, '-pulsar')) expect(tell(bySize.production, '-pulsar')).not.toContain(told);
    const connector = synthesizePlatform({ size: 'production', artefacts: { connector: release } });
    expect(tell(connector, '-pulsar')).toEqual(tell(bySize.production, '-pulsar'));
    expect(tell(connector, '-engine')).not.toEqual(tell(bySize.production, '-engine'));
    expect([tell(pulsar, '-pulsar').length, tell(connector, '-engine').length]).toEqual([10, 1]);
  }, 60_000);

  it('has a load balancer only where clients outside are expected, and never a public one', () => {
    expect(bySize.production.list('AWS::ElasticLoadBalancingV2::LoadBalancer')).toEqual([]);
    const open = synthesizePlatform({ size: 'production', production: { proxies: { instanceType: 'c7g.large', count: 2 } } });
    const [balancer] = open.list('AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(balancer && read(balancer, 'Scheme')).toBe('internal');
  }, 60_000);
});
