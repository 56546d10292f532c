// Checks that a job's output survives being written as JSON: what would silently vanish or change is refused.
import { StarquakeError } from '../../protocol/errors.ts';

/** @throws OUTPUT_NOT_JSON naming what cannot be written and under which key */
export const checkJson = (job: string, output: unknown): void => {
  try {
    JSON.stringify(output, (key, value: unknown) => {
      const lost = findLost(value);
      if (lost !== undefined) throw new Error(`${lost} ${key === '' ? 'as a whole' : `under "${key}"`}`);
      return value;
    });
  } catch (cause) {
    throw new StarquakeError(
      'OUTPUT_NOT_JSON',
      `The output of the job "${job}" cannot be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
};

const findLost = (value: unknown): string | undefined => {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `it has a ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `it has the number ${value}`;
  if (value instanceof Map || value instanceof Set) return `it has a ${value.constructor.name}`;
  return undefined;
};
