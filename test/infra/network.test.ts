// The network in the templates: nothing comes in from outside, nothing goes out, and every open port has its reason.
import { describe, expect, it } from 'vitest';
import { sizeShapes } from '../../src/cost/size-shapes.ts';
import { ports } from '../../lib/pulsar-config/places.ts';
import { sizes } from '../../lib/settings/settings.ts';
import { synthesizePlatform, type PlacedResource } from '../support/infra/synthesize-platform.ts';

const read = (resource: PlacedResource, key: string): unknown => resource.Properties?.[key];

describe.each(sizes)('the network of %s', (size) => {
  const { list, resources } = synthesizePlatform({ size });
  const ingress = list('AWS::EC2::SecurityGroupIngress');

  it('has no way in or out: no internet gateway, no translation, no address that is public', () => {
    for (const type of ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::EIP', 'AWS::EC2::VPCGatewayAttachment'])
      expect(list(type)).toEqual([]);
  });

  it('lets nobody in by address', () => {
    expect(ingress.filter((rule) => read(rule, 'CidrIp') !== undefined || read(rule, 'CidrIpv6') !== undefined)).toEqual([]);
    for (const group of list('AWS::EC2::SecurityGroup'))
      expect(JSON.stringify(read(group, 'SecurityGroupIngress') ?? [])).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
  });

  it('opens exact ports only, each with what it is for, and none of those without TLS', () => {
    for (const rule of ingress) {
      expect(read(rule, 'FromPort')).toBe(read(rule, 'ToPort'));
      expect(read(rule, 'IpProtocol')).toBe('tcp');
      expect(read(rule, 'Description')).toBeTruthy();
      expect([6650, ports.localWeb, ports.bookieMetrics, ports.zookeeperMetrics, 22]).not.toContain(read(rule, 'FromPort'));
    }
  });

  it('is in three zones that the settings name, not the account', () => {
    const zones = list('AWS::EC2::Subnet').map((subnet) => read(subnet, 'AvailabilityZone'));
    expect(zones).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
    expect(JSON.stringify(resources)).not.toContain('Fn::GetAZs');
  });

  it('reaches S3 and DynamoDB through gateways, and other services in as many zones as the cost model counts', () => {
    const endpoints = list('AWS::EC2::VPCEndpoint');
    expect(endpoints.filter((endpoint) => read(endpoint, 'VpcEndpointType') === 'Gateway')).toHaveLength(2);
    const zones = endpoints
      .filter((endpoint) => read(endpoint, 'VpcEndpointType') === 'Interface')
      .map((endpoint) => [
        String(read(endpoint, 'ServiceName')).split('.').at(-1),
        (read(endpoint, 'SubnetIds') as readonly unknown[]).length,
      ]);
    expect(Object.fromEntries(zones)).toEqual(
      Object.fromEntries(sizeShapes[size].endpoints.map(({ service, zones: count }) => [service, count])),
    );
  });
});
