// Makes a realm deterministic before anything else is evaluated in it: the first thing in every workflow bundle.
import { guardOutside } from './guard-outside.ts';
import { guardRandomness } from './guard-randomness.ts';
import { guardTime } from './guard-time.ts';

/**
 * Replaces everything that would differ from replay to replay: clocks and randomness by those of the run whose code is running, ways to the
 * outside by stand-ins that throw FORBIDDEN_IN_WORKFLOW when a run calls them.
 *
 * @example
 * installGuards(); // inside a realm only: it replaces globals
 */
export const installGuards = (): void => {
  guardTime();
  guardRandomness();
  guardOutside();
};
