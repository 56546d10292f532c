// Proves that what the cost model prices is what the settings deploy unless they say otherwise.
import { describe, expect, it } from 'vitest';
import { sizes, settingsSchema } from '../../../lib/settings/settings.ts';
import { findInstanceType } from '../../../src/cost/instance-types.ts';
import { sizeNames, sizeShapes } from '../../../src/cost/size-shapes.ts';

const { dev, small, production } = settingsSchema.parse({});

describe('the sizes of the cost model', () => {
  it('are those of the settings', () => {
    expect([...sizeNames]).toEqual([...sizes]);
  });

  it('have the machines and the volumes of the settings', () => {
    expect(sizeShapes.dev.machines).toMatchObject([
      { instanceType: dev.instanceType, volumes: [{ storage: 'standalone', gib: dev.dataGib }] },
    ]);
    expect(sizeShapes.small.machines).toMatchObject([
      {
        instanceType: small.instanceType,
        volumes: [{ gib: small.zookeeperGib }, { gib: small.journalGib }, { gib: small.ledgersGib }],
      },
    ]);
    const { zookeepers, bookies, brokers, connectors, zookeeperGib } = production;
    expect(sizeShapes.production.machines).toMatchObject([
      { role: 'zookeeper', ...zookeepers, volumes: [{ gib: zookeeperGib }] },
      { role: 'bookie', ...bookies },
      { role: 'broker', ...brokers },
      { role: 'connector', instanceType: connectors.instanceType, count: connectors.least },
    ]);
  });

  it('have only machines that there is a price of', () => {
    const types = Object.values(sizeShapes).flatMap(({ machines }) => machines.map(({ instanceType }) => instanceType));
    for (const type of types) expect(findInstanceType(type).price).toBe(`ec2.${type}`);
    expect(() => findInstanceType('x1.huge')).toThrow('There is no price of the instance type x1.huge');
  });
});
