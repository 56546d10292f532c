// Writes an author's schema as JSON Schema by the author's own library, so that ours need know none of them.
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** Standard JSON Schema is an addition that not every library has. */
const writesItself = (schema: StandardSchemaV1): schema is StandardSchemaV1 & StandardJSONSchemaV1 => 'jsonSchema' in schema['~standard'];

/**
 * Writes what a schema takes as JSON Schema, draft 2020-12.
 *
 * @returns undefined when there is no schema, its library writes none, or JSON Schema has no words for it (a Date, a map)
 * @example
 * writeJsonSchema(z.object({ nights: z.number() })); // { type: 'object', properties: { nights: { type: 'number' } }, ... }
 */
export const writeJsonSchema = (schema: StandardSchemaV1 | undefined): Record<string, unknown> | undefined => {
  if (schema === undefined || !writesItself(schema)) return undefined;
  try {
    return schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  } catch {
    // The standard's way to say that it cannot be written; the schema still checks what comes.
    return undefined;
  }
};
