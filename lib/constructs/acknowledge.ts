// Records why a finding of cdk-nag is accepted, next to what it is about.
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule, and why it does not hold here in words that an auditor accepts. */
export type Acknowledgement = readonly [rule: string, reason: string];

/** Accepts findings of a construct, each with its reason. */
export const acknowledge = (construct: IConstruct, acknowledgements: readonly Acknowledgement[]): void =>
  Validations.of(construct).acknowledge(...acknowledgements.map(([id, reason]) => ({ id, reason })));
