// What the machines that sizes are made of can do: processors, and the share of them that a burstable one has for good.
import type { PriceName } from './prices.ts';

/** One type of machine; all are arm64. */
export interface InstanceType {
  readonly price: PriceName;
  readonly vcpus: number;
  readonly memoryGib: number;
  /** Share of its processors that it may use all the time without paying more; 1 where it is not burstable. */
  readonly baseline: string;
}

/**
 * The types that there are prices of.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
 */
export const instanceTypes: Readonly<Record<string, InstanceType>> = {
  't4g.medium': { price: 'ec2.t4g.medium', vcpus: 2, memoryGib: 4, baseline: '0.2' },
  't4g.large': { price: 'ec2.t4g.large', vcpus: 2, memoryGib: 8, baseline: '0.3' },
  'm7g.large': { price: 'ec2.m7g.large', vcpus: 2, memoryGib: 8, baseline: '1' },
  'c7g.large': { price: 'ec2.c7g.large', vcpus: 2, memoryGib: 4, baseline: '1' },
  'im4gn.large': { price: 'ec2.im4gn.large', vcpus: 2, memoryGib: 8, baseline: '1' },
};

/**
 * Finds a type.
 *
 * @throws Error where there is no price of it
 */
export const findInstanceType = (name: string): InstanceType => {
  const found = instanceTypes[name];
  if (found === undefined) throw new Error(`There is no price of the instance type ${name} in src/cost/prices.ts.`);
  return found;
};
