// Holds what the reference expects against what is recorded; values that are drawn by chance are only held against each other.

/** Stands for a value that the reference cannot know: the same each time it is met. */
export const unknownValue = (name: string): string => `\u0000${name}`;

/** Stands for a value that is left to the engine. */
export const anyValue = '\u0000any';

/** Whether what is recorded is what was expected. @param bindings - what unknown values turned out to be */
export const agree = (expected: unknown, recorded: unknown, bindings: Map<string, unknown>): boolean => {
  if (expected === anyValue) return recorded !== undefined;
  if (typeof expected === 'string' && expected.startsWith('\u0000')) {
    if (!bindings.has(expected)) bindings.set(expected, recorded);
    return bindings.get(expected) === recorded && recorded !== undefined;
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, recorded);
  if (typeof recorded !== 'object' || recorded === null || Array.isArray(expected) !== Array.isArray(recorded)) return false;
  const names = new Set([...Object.keys(expected), ...Object.keys(recorded)]);
  return [...names].every((name) => agree(Reflect.get(expected, name), Reflect.get(recorded, name), bindings));
};
