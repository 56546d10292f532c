// What an app's `import ... from 'node:fs'` gets in a realm: names that can be imported, and throw when a run uses them.
import { MOVE_INTO_JOB, standIn } from './forbidden-call.ts';
import { drawUuid, fillRandomly } from './guard-randomness.ts';
import { steadyPerformance } from './guard-time.ts';

/** What to use instead of what Node offers; the longest name that fits counts. */
const instead: Readonly<Record<string, string>> = {
  'child_process.': 'run the command in a job',
  'crypto.randomUUID': 'use flow.uuid()',
  'crypto.random': 'use flow.random()',
  'fs.': 'read and write files in a job',
  'perf_hooks.': 'use flow.now()',
  'timers.': 'use flow.sleep()',
  'timers/promises.': 'use flow.sleep()',
};

const findInstead = (name: string): string => {
  const [, what] = Object.entries(instead).findLast(([start]) => name.startsWith(start)) ?? [];
  return what ?? MOVE_INTO_JOB;
};

/** Names that the guards have made deterministic, wherever they are imported from. */
const deterministic: Readonly<Record<string, object>> = {
  crypto: { randomUUID: drawUuid, getRandomValues: fillRandomly },
  perf_hooks: { performance: steadyPerformance },
};

/**
 * Stands in for a module of Node.
 *
 * @param name - without `node:`
 * @returns an object of which every name can be read; names that importing code lists by itself are found through its prototype
 */
export const standInForBuiltin = (name: string): object => {
  const module = { ...deterministic[name] };
  Object.setPrototypeOf(module, standIn(name, findInstead));
  return module;
};
