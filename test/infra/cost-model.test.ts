// Proves that the cost model prices what is synthesized: the same machines, disks, endpoints, keys and secrets, and no fewer alarms.
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { engineFigures } from '../../src/cost/engine-figures.ts';
import { planFleet } from '../../src/cost/plan-fleet.ts';
import { sizeNames, sizeShapes, type SizeShape } from '../../src/cost/size-shapes.ts';
import { synthesizePlatform, type PlacedResource, type Synthesized } from '../support/infra/synthesize-platform.ts';
import { makeLoad } from '../unit/cost/workloads.ts';

const endpointSchema = z.object({ VpcEndpointType: z.string(), ServiceName: z.unknown(), SubnetIds: z.array(z.unknown()).default([]) });
const volumeSchema = z.object({ Size: z.number() });

const listEndpoints = (resources: readonly PlacedResource[]): readonly string[] =>
  resources
    .map(({ Properties }) => endpointSchema.parse(Properties))
    .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
    .map(({ ServiceName, SubnetIds }) => `${/[a-z0-9]+$/.exec(String(ServiceName))?.[0] ?? ''} in ${SubnetIds.length}`)
    .toSorted();

describe.each(sizeNames)('what is deployed of the size %s', (size) => {
  const shape: SizeShape = sizeShapes[size];
  let synthesized: Synthesized;
  const count = (type: string): number => synthesized.list(type).length;

  beforeAll(() => {
    synthesized = synthesizePlatform({ size });
  }, 120_000);

  it('has the endpoints that are priced, in as many zones', () => {
    const priced = shape.endpoints.map(({ service, zones }) => `${service} in ${zones}`).toSorted();
    expect(listEndpoints(synthesized.list('AWS::EC2::VPCEndpoint'))).toEqual(priced);
  });

  it('has the data volumes that are priced', () => {
    const sizes = synthesized.list('AWS::EC2::Volume').map(({ Properties }) => volumeSchema.parse(Properties).Size);
    const priced = shape.machines.flatMap(({ count: machines, volumes }) =>
      Array.from({ length: machines }, () => volumes.map(({ gib }) => gib)).flat(),
    );
    expect(sizes.toSorted((one, other) => one - other)).toEqual(priced.toSorted((one, other) => one - other));
  });

  it('has a group for each machine that is priced, and one for all connectors', () => {
    const { machines } = planFleet(size, makeLoad(1));
    const groups = machines.map(({ role, count: own }) => (role === 'connector' ? 1 : own)).reduce((sum, own) => sum + own, 0);
    expect(count('AWS::AutoScaling::AutoScalingGroup')).toBe(groups);
  });

  it('has the keys, the secrets and the zone of names that are priced, and no more alarms and dashboards', () => {
    expect(count('AWS::KMS::Key')).toBe(Number(engineFigures.keys.value));
    expect(count('AWS::SecretsManager::Secret')).toBe(Number(engineFigures.secrets.value));
    expect(count('AWS::Route53::HostedZone')).toBe(1);
    expect(count('AWS::CloudWatch::Alarm')).toBeLessThanOrEqual(Number(engineFigures.alarms.value));
    expect(count('AWS::CloudWatch::Dashboard')).toBeLessThanOrEqual(1);
  });
});
