// Deploys `small` on an emulator of AWS, for what the command line of the CDK and the references between stacks have to do with it: the
// emulator makes each resource that it knows, and the types that it makes nothing of are known by name. No machine starts here.
// `production` is not deployed so: its stacks hand secrets on to one another, and the emulator makes none.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploySize, type DeployedStack } from '../support/emulator/deploy-size.ts';
import { removedTypes } from '../support/emulator/reduce-assembly.ts';
import { expectMade, listUnmade, skippedTypes } from '../support/emulator/what-it-skips.ts';
import { findSsm } from '../support/ssm/start-ssm.ts';

const emulator = await findSsm();
const missing = emulator.missing;

let stacks: Readonly<Record<string, DeployedStack>>;
beforeAll(async () => {
  if (missing === '') stacks = await deploySize('small', emulator, skippedTypes);
}, 300_000);
afterAll(() => emulator.stop());

describe.skipIf(missing !== '')(`small, deployed on an emulator of AWS${missing}`, () => {
  it('is made, each resource of each type, but for the types that are known by name to be skipped', () => {
    expect(Object.keys(stacks)).toHaveLength(8);
    expect(listUnmade(stacks)).toEqual([...skippedTypes, ...removedTypes].toSorted());
    for (const [stack, { asked, made }] of Object.entries(stacks)) expect({ stack, made }).toEqual({ stack, made: expectMade(asked) });
  });

  it('has a group of its own for each of its three machines, with an address and three disks each', () => {
    expect(stacks['starquake-pulsar']?.made).toMatchObject({
      'AWS::AutoScaling::AutoScalingGroup': 3,
      'AWS::EC2::NetworkInterface': 3,
      'AWS::EC2::Volume': 9,
    });
  });
});
