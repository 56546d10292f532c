// What authors write to define a workflow: a plain async function over a flow.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Flow, Workflow } from './flow.ts';
import { checkName } from './name.ts';

/** What `workflow(...)` takes. */
export interface WorkflowDefinition<Input, Output> {
  /** Unique in its app, in kebab-case. */
  readonly name: string;
  /** Checks the input when a run starts; a misfit refuses the run. */
  readonly input?: StandardSchemaV1<unknown, Input>;
  /** Checks the output when the run completes. */
  readonly output?: StandardSchemaV1<unknown, Output>;
  readonly run: (input: Input, flow: Flow<Input>) => Promise<Output>;
}

/**
 * Defines a workflow.
 *
 * @throws APP_INVALID for a name that is not kebab-case
 * @example
 * const bookTrip = workflow({ name: 'book-trip', async run(trip: Trip, flow) { return flow.run(bookFlight, trip); } });
 */
export const workflow = <Input, Output>(definition: WorkflowDefinition<Input, Output>): Workflow<Input, Output> => {
  checkName('workflow', definition.name);
  return { kind: 'workflow', ...definition };
};
