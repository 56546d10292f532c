// Names an input by its content, whatever the order of its keys: the same run id with another input is refused by it.
import { createHash } from 'node:crypto';

/**
 * SHA-256 (hex) of a value's JSON text with the keys of all objects sorted; of the empty text for undefined.
 *
 * @example
 * hashInput({ a: 1, b: 2 }) === hashInput({ b: 2, a: 1 }); // true
 */
export const hashInput = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, sortKeys) ?? '')
    .digest('hex');

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
