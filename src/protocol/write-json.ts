// Writes authors' values as JSON, and refuses what would silently vanish or change on the way.

/**
 * The value as JSON text; undefined for undefined.
 *
 * @throws Error saying what cannot be written, and under which key
 * @example
 * writeJson({ when: new Date(0) }); // '{"when":"1970-01-01T00:00:00.000Z"}'
 */
export const writeJson = (value: unknown): string | undefined => JSON.stringify(value, refuseLost);

const refuseLost = (key: string, value: unknown): unknown => {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const lost = findLost(value);
  if (lost !== undefined) throw new Error(`${lost} ${key === '' ? 'as a whole' : `under "${key}"`}`);
  return value;
};

const findLost = (value: unknown): string | undefined => {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `it has a ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `it has the number ${value}`;
  if (value instanceof Map || value instanceof Set) return `it has a ${value.constructor.name}`;
  return undefined;
};

/** How many bytes a text takes in UTF-8. @param text - without lone surrogates, as JSON text is */
export const countBytes = (text: string): number => {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Both halves of a pair together take four.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
};
