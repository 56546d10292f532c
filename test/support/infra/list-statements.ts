// Finds every statement of every policy in templates, wherever a resource keeps one: roles, keys, buckets, queues, topics, endpoints.
import { z } from 'zod';
import type { PlacedResource } from './synthesize-platform.ts';

const listSchema = z.array(z.unknown());
const oneOrMore = z
  .unknown()
  .optional()
  .transform((value): readonly unknown[] => listSchema.safeParse(value).data ?? (value === undefined ? [] : [value]));
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  NotAction: z.unknown().optional(),
  Resource: oneOrMore,
  NotResource: z.unknown().optional(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const policySchema = z.object({ Statement: z.array(statementSchema) });

/** A statement, with the resource that it was found in. */
export interface PlacedStatement extends z.output<typeof statementSchema> {
  readonly of: PlacedResource;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const listPolicies = (value: unknown): readonly z.output<typeof policySchema>[] => {
  if (!isObject(value)) return [];
  // Anything that has statements is a policy; one that cannot be read is an error, not something to pass over.
  if (Reflect.has(value, 'Statement')) return [policySchema.parse(value)];
  return Object.values(value).flatMap(listPolicies);
};

/** Lists the statements of all policies of the resources. */
export const listStatements = (resources: readonly PlacedResource[]): readonly PlacedStatement[] =>
  resources.flatMap((of) => listPolicies(of.Properties).flatMap(({ Statement }) => Statement.map((statement) => ({ ...statement, of }))));
