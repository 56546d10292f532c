// One deadline for a call that takes several requests, one after another.
import type { CallOptions } from '../../ports/clock.ts';

/** The options with the time that is left whenever they are looked at. */
export const startDeadline = ({ timeoutMs, onConsumed }: CallOptions): CallOptions => {
  const ends = performance.now() + timeoutMs;
  return {
    get timeoutMs() {
      return Math.max(0, Math.ceil(ends - performance.now()));
    },
    ...(onConsumed && { onConsumed }),
  };
};
