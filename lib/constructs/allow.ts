// Allows actions: on resources that are named to the end, or on a pattern of names with the reason that an auditor reads.
import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { acknowledge } from './acknowledge.ts';

/** What must hold beside, as IAM writes it. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A resource of this account and region. @example nameResource('lambda', 'function:starquake-*'); */
export const nameResource = (service: string, rest: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${rest}`;

/** Allows actions on resources that are named to the end. */
export const allow = (role: Role, actions: readonly string[], resources: readonly string[], conditions?: Conditions): void => {
  role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions && { conditions }) }));
};

/** Writes a value the way cdk-nag does in the names of its findings. */
const write = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, of] = []] = Object.entries(value);
  if (kind === 'Ref') return `<${String(of)}>`;
  const parts: unknown = kind === 'Fn::Join' && Array.isArray(of) ? of[1] : [];
  return Array.isArray(parts) ? parts.map(write).join('') : '';
};

/**
 * Allows actions on all resources of a pattern.
 *
 * @param patterns - with `*`; made of names, not of what another stack exports
 * @param reason - why it is no single resource, in words that an auditor accepts
 */
export const allowPattern = (
  role: Role,
  actions: readonly string[],
  patterns: readonly string[],
  reason: string,
  conditions?: Conditions,
): void => {
  allow(role, actions, patterns, conditions);
  const written = patterns.map((pattern) => write(Stack.of(role).resolve(pattern)));
  acknowledge(
    role,
    written.map((pattern) => [`AwsSolutions-IAM5[Resource::${pattern}]`, reason] as const),
  );
};
