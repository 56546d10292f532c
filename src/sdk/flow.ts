// What workflow code can ask for: the interface only; engine/replay implements it.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CalendarRule } from './calendar.ts';
import type { Duration } from './duration.ts';
import type { Job } from './job.ts';
import type { Signal } from './signal.ts';

/** What was asked for and may still be given up. */
export interface Task<T> extends Promise<T> {
  /** Gives it up, if it has not ended: a job or child is canceled, a sleep or receive forgotten. Awaiting it then throws JobCanceledError. */
  cancel(): void;
}

/** How to run a job or a child. */
export interface RunOptions<Output> {
  /** Undoes it when the run fails or is canceled later on; registered with the result, in one step. Undone in reverse order. */
  readonly compensate?: (output: Output) => unknown;
  /** Run id of the child; made from the parent's when left out. */
  readonly runId?: string;
  /** Tags of the child. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A child that was started without waiting for it. */
export interface ChildHandle<Output> {
  readonly runId: string;
  /** Waits for its end. @throws ChildFailedError */
  result(): Task<Output>;
  cancel(): void;
}

/** The arguments after the target: the input may be left out only where undefined is one. */
export type InputArguments<Input, Options> = undefined extends Input
  ? [input?: Input, options?: Options]
  : [input: Input, options?: Options];

/** What a workflow's code is given. Everything on it is deterministic. */
export interface Flow<Input = never> {
  readonly runId: string;
  /**
   * Runs a job, or a workflow as a child, and waits for its output.
   *
   * @throws JobFailedError, ChildFailedError, RunCanceledError
   * @example
   * const receipt = await flow.run(processPayment, trip, { compensate: (paid) => flow.run(refundPayment, paid) });
   */
  run<I, O>(target: Job<I, O> | Workflow<I, O>, ...rest: InputArguments<NoInfer<I>, RunOptions<NoInfer<O>>>): Task<O>;
  /** Starts a detached child: it goes on whatever becomes of this run. */
  start<I, O>(workflow: Workflow<I, O>, ...rest: InputArguments<NoInfer<I>, Omit<RunOptions<NoInfer<O>>, 'compensate'>>): ChildHandle<O>;
  sleep(duration: Duration): Task<void>;
  /** @param until - a Date, milliseconds since the epoch, or a calendar rule (its next occurrence) */
  sleepUntil(until: Date | number | CalendarRule): Task<void>;
  /** Waits for a signal; one that came earlier and was not read yet counts. With a timeout: undefined when nobody came. */
  receive<T>(signal: Signal<T>): Task<T>;
  receive<T>(signal: Signal<T>, options: { readonly timeout: Duration }): Task<T | undefined>;
  /** Registers what undoes the work so far, for when the run fails or is canceled. */
  compensate(undo: () => unknown): void;
  /** Says where the run is, for all who look at it. Any JSON. */
  status(value: unknown): void;
  /** Adds tags; runs are found by them. */
  tag(tags: Readonly<Record<string, string>>): void;
  /** Milliseconds since the epoch at the event being delivered. */
  now(): number;
  uuid(): string;
  /** From 0 up to 1. */
  random(): number;
  /** Whether this run is to take the changed path: false for runs that went past here before the change. */
  changed(id: string): boolean;
  /** Begins anew with another input, under the same run id and with an empty history. @throws COMPENSATION_PENDING */
  continueAs(input: Input): Promise<never>;
}

/** A workflow: a definition that runs are executions of. */
export interface Workflow<Input, Output> {
  readonly kind: 'workflow';
  readonly name: string;
  readonly input?: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  readonly run: (input: Input, flow: Flow<Input>) => Promise<Output>;
}

/** Any workflow, whatever its types. */
export type AnyWorkflow = Workflow<never, unknown>;
