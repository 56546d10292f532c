// Tells what may be done about an invocation that failed, by its code.

/**
 * `wait`: it did not begin, and may a little later. `block`: it did not begin, and will not before somebody sees to it.
 * `retry`: it failed, or nobody knows. `final`: the same request will fail again.
 */
export type InvocationRule = 'wait' | 'block' | 'retry' | 'final';

const rules: Readonly<Record<string, InvocationRule>> = {
  THROTTLED: 'wait',
  FUNCTION_UNAVAILABLE: 'wait',
  FUNCTION_NOT_FOUND: 'block',
  FUNCTION_FORBIDDEN: 'block',
  FUNCTION_UNUSABLE: 'block',
  PAYLOAD_TOO_LARGE: 'final',
};

/** The rule of a failure's code. */
export const judgeInvocation = (code: string): InvocationRule => (Object.hasOwn(rules, code) ? rules[code] : undefined) ?? 'retry';

/** Whether the function did not begin: nothing was used up, and nothing is billed. */
export const isUnbegun = (rule: InvocationRule): boolean => rule === 'wait' || rule === 'block';
