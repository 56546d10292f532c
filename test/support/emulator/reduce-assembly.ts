// Takes out of a cloud assembly what the emulator of CloudFormation fails on, so that it makes the rest; each change is named here.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
});
const templateSchema = z.looseObject({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.unknown()).optional(),
});

/** A template of CloudFormation. */
export type Template = z.infer<typeof templateSchema>;
type Resource = z.infer<typeof resourceSchema>;

const tableSchema = z.looseObject({
  TableName: z.string(),
  KeySchema: z.unknown(),
  AttributeDefinitions: z.unknown(),
  BillingMode: z.string(),
  Replicas: z.tuple([z.looseObject({ DeletionProtectionEnabled: z.boolean().optional() })]),
});

/** The emulator reads tags of these types in the form of another API, and ends with an exception. */
export const typesWithoutTags: readonly string[] = ['AWS::KMS::Key', 'AWS::SSM::Parameter'];

/** Left out, because their text is made of attributes of what the emulator skips. */
export const removedTypes: readonly string[] = ['AWS::CloudWatch::Dashboard'];

/**
 * A global table with one replica is a table; the emulator knows the latter only. Of a table it knows keys, billing and protection;
 * expiry, recovery and encryption stay unsaid.
 */
const makeTable = (properties: unknown): Resource => {
  const { TableName, KeySchema, AttributeDefinitions, BillingMode, Replicas } = tableSchema.parse(properties);
  const [{ DeletionProtectionEnabled = false }] = Replicas;
  return {
    Type: 'AWS::DynamoDB::Table',
    Properties: { TableName, KeySchema, AttributeDefinitions, BillingMode, DeletionProtectionEnabled },
  };
};

const reduceResource = (resource: Resource): Resource => {
  if (resource.Type === 'AWS::DynamoDB::GlobalTable') return makeTable(resource.Properties);
  if (!typesWithoutTags.includes(resource.Type)) return resource;
  const { Tags: _, ...properties } = resource.Properties ?? {};
  return { ...resource, Properties: properties };
};

/** Names that a value asks attributes of. */
const listAsked = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Fn::GetAtt' && Array.isArray(inner) ? [String(inner[0])] : listAsked(inner),
  );
};

/**
 * Reduces one template.
 *
 * @param skipped - types that the emulator makes nothing of: outputs that ask their attributes are left out
 */
export const reduceTemplate = (template: Template, skipped: readonly string[]): Template => {
  const kept = Object.entries(template.Resources).filter(([, { Type }]) => !removedTypes.includes(Type));
  const Resources = Object.fromEntries(kept.map(([id, resource]) => [id, reduceResource(resource)]));
  const hasNothing = (id: string): boolean => skipped.includes(Resources[id]?.Type ?? '');
  const Outputs = Object.entries(template.Outputs ?? {}).filter(([, output]) => !listAsked(output).some(hasNothing));
  return { ...template, Resources, Outputs: Object.fromEntries(Outputs) };
};

/**
 * Reduces all templates of an assembly, in place.
 *
 * @returns the templates as they were, by the name of their stack
 */
export const reduceAssembly = async (folder: string, skipped: readonly string[]): Promise<Readonly<Record<string, Template>>> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.template.json'));
  const templates = await Promise.all(
    files.map(async (file) => {
      const template = templateSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
      await writeFile(join(folder, file), JSON.stringify(reduceTemplate(template, skipped)));
      return [file.replace('.template.json', ''), template] as const;
    }),
  );
  return Object.fromEntries(templates);
};
