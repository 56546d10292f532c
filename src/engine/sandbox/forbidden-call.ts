// The error that workflow code meets when it does what replay could not repeat, and stand-ins that throw it when they are called.
import { WorkflowCodeError } from '../../sdk/errors.ts';
import { sandbox } from './sandbox-host.ts';

/** What to do instead of most things. */
export const MOVE_INTO_JOB = 'move the call into a job';

/** @throws FORBIDDEN_IN_WORKFLOW always, naming the call and what to use instead */
export const throwForbidden = (call: string, instead: string): never => {
  throw new WorkflowCodeError(
    'FORBIDDEN_IN_WORKFLOW',
    `${call} cannot be used in a workflow, because replay could not repeat it: ${instead}.`,
  );
};

/** What importing code asks of anything, to learn what it is: a stand-in has none of it. */
const withheld = new Set(['then', '__esModule', 'toJSON', 'constructor']);

/** Something that looks like any function with any properties. */
export interface StandIn {
  (...parameters: unknown[]): unknown;
  readonly [name: string]: StandIn;
}

/**
 * Stands in for something that workflow code must not use: it can be imported, read and, while nothing runs yet, even called
 * (files of an app set up what their jobs need at their top); called by a run, it throws.
 *
 * @param name - how the author calls it, such as `fs.readFileSync`
 * @param findInstead - what to use instead of what has a given name
 * @example
 * standIn('fs', () => 'move the call into a job').readFileSync('x'); // throws: fs.readFileSync cannot be used in a workflow ...
 */
export const standIn = (name: string, findInstead: (name: string) => string): StandIn => {
  const target: StandIn = Object.assign(function () {}, {} as Record<string, StandIn>);
  const use = (called: string): StandIn =>
    sandbox.run === undefined ? standIn(`${name}()`, findInstead) : throwForbidden(called, findInstead(name));
  return new Proxy(target, {
    get: (_, key, receiver): unknown => {
      if (typeof key === 'symbol' || key === 'prototype') return Reflect.get(target, key, receiver);
      return withheld.has(key) ? undefined : standIn(`${name}.${key}`, findInstead);
    },
    apply: () => use(name),
    construct: () => use(`new ${name}`),
  });
};
