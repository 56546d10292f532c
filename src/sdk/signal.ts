// What authors write to name a signal and say what it carries.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkName } from './name.ts';

declare const carries: unique symbol;

/** A signal: a named message that a run can wait for. */
export interface Signal<out Value> {
  readonly kind: 'signal';
  readonly name: string;
  readonly schema?: StandardSchemaV1;
  readonly [carries]?: Value;
}

/**
 * Defines a signal.
 *
 * @param name - in kebab-case
 * @param schema - checks the value when it is received; a misfit makes that `receive` throw SIGNAL_INVALID
 * @throws APP_INVALID
 * @example
 * const approved = signal<Approval>('approved');
 * const approval = await flow.receive(approved, { timeout: '3 days' }); // undefined when nobody came
 */
export const signal = <Value = void>(name: string, schema?: StandardSchemaV1<unknown, Value>): Signal<Value> => {
  checkName('signal', name);
  return { kind: 'signal', name, ...(schema && { schema }) };
};
