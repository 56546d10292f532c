// Checks a value against the Standard Schema that an author gave.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/**
 * @param what - names the value in the error, such as `The input of the job "book-flight"`
 * @returns the value as the schema makes it
 * @throws the given code, naming each place that does not fit
 */
export const checkSchema = async (
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  code: 'INPUT_INVALID' | 'OUTPUT_INVALID',
  what: string,
): Promise<unknown> => {
  if (schema === undefined) return value;
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  throw new StarquakeError(code, `${what} does not fit its schema: ${result.issues.map(describe).join('; ')}`);
};

const describe = ({ path = [], message }: StandardSchemaV1.Issue): string => {
  const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return place === '' ? message : `${place}: ${message}`;
};
