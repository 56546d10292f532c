// What authors write to define a job: a unit of work with an effect, run as a function of its own.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { type Duration, toMilliseconds } from './duration.ts';
import { checkName } from './name.ts';

/** What an error of an attempt looks like to a retry function. */
export interface AttemptError {
  /** A code of the error catalogue, the error's own `code`, or its class name. */
  readonly code: string;
  readonly name: string;
  readonly message: string;
}

/** When a failed attempt is followed by another. */
export interface RetryPolicy {
  /** Attempts in all, the first included. Default 5. */
  readonly maxAttempts?: number;
  /** Wait before the second attempt. Default 1 s. */
  readonly firstDelay?: Duration;
  /** Each wait is this many times the one before. Default 2. */
  readonly factor?: number;
  /** No wait is longer. Default 1 minute. */
  readonly maxDelay?: Duration;
  /** Names or codes of errors that are final at once. */
  readonly stopOn?: readonly string[];
  /** When attempts are used up: the workflow sees the failure (`fail`, the default), or the job waits for an administrator (`hold`). */
  readonly exhausted?: 'fail' | 'hold';
}

/** Decides by code: the wait before the next attempt, or `stop`. */
export type RetryFunction = (error: AttemptError, attempt: number) => Duration | 'stop';

declare const pending: unique symbol;

/** The promise to complete a job later, by its token. Return it from `run`. */
export interface Later {
  /** Whoever has it completes the job, once: `client.completeByToken(token, output)`. */
  readonly token: string;
  readonly [pending]: true;
}

/** What a job knows of the attempt that it runs in. */
export interface AttemptContext {
  readonly runId: string;
  readonly job: string;
  /** From 1. */
  readonly number: number;
  /** The same for every attempt of this job: hand it to whatever must not happen twice. */
  readonly idempotencyKey: string;
  /** Trace context of the attempt (W3C `traceparent`): hand it on, and what it calls stands in the run's trace. */
  readonly traceparent: string;
  /** Aborts when the attempt's timeout is reached. */
  readonly signal: AbortSignal;
  /**
   * Ends the attempt without an answer; the job goes on until its token is used.
   *
   * @example
   * const later = attempt.completeLater({ timeout: '3 days' });
   * await mailLink(later.token);
   * return later;
   */
  completeLater(options?: { readonly timeout?: Duration }): Later;
}

/** What `job(...)` takes. */
export interface JobDefinition<Input, Output> {
  /** Unique in its app, in kebab-case. */
  readonly name: string;
  /** Checks the input before `run` sees it. */
  readonly input?: StandardSchemaV1<unknown, Input>;
  /** Checks the output before the workflow sees it. */
  readonly output?: StandardSchemaV1<unknown, Output>;
  readonly retry?: RetryPolicy | RetryFunction;
  /** Longest time of one attempt. Default 30 s. */
  readonly timeout?: Duration;
  /** Longest time from scheduling to the last attempt's end. Default none. */
  readonly totalTimeout?: Duration;
  /** Attempts at once: over the whole deployment on Lambda (reserved concurrency), in each connector elsewhere. Default no bound. */
  readonly maxConcurrency?: number;
  /** Memory of its function. Default 256. */
  readonly memoryMb?: number;
  readonly run: (input: Input, attempt: AttemptContext) => Promise<Output | Later> | Output | Later;
}

/** What `job(...)` takes for a Lambda function that is there already, in any language. */
export interface ForeignJobDefinition extends Omit<JobDefinition<unknown, unknown>, 'input' | 'output' | 'run' | 'memoryMb'> {
  /** Its name, `name:alias` or ARN. It is invoked with the input as JSON, and answers the output as JSON. */
  readonly function: string;
}

/** A job: a definition of a unit of work. */
export interface Job<in Input, out Output> {
  readonly kind: 'job';
  readonly name: string;
  readonly input?: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  readonly retry: RetryPolicy | RetryFunction;
  readonly timeoutMs: number;
  readonly totalTimeoutMs?: number;
  readonly maxConcurrency?: number;
  readonly memoryMb: number;
  /** Somebody's own Lambda function that runs it; undefined for one that is deployed with its app. */
  readonly function?: string;
  readonly run: (input: Input, attempt: AttemptContext) => Promise<Output | Later> | Output | Later;
}

/** Any job, whatever its types. */
export type AnyJob = Job<never, unknown>;

const checkPolicy = (name: string, { maxAttempts = 1, firstDelay = 0, factor = 1, maxDelay = 0 }: RetryPolicy): void => {
  toMilliseconds(firstDelay);
  toMilliseconds(maxDelay);
  if (maxAttempts >= 1 && factor > 0) return;
  throw new StarquakeError('APP_INVALID', `The retry policy of the job "${name}" needs maxAttempts of 1 or more and a factor above 0.`);
};

/**
 * Defines a job.
 *
 * @throws APP_INVALID for a name that is not kebab-case or a bound below 1; DURATION_INVALID
 * @example
 * const resize = job<Image, Thumbnail>({ name: 'resize', function: 'resize-images:live' });
 * const bookFlight = job({ name: 'book-flight', timeout: '30s', async run(trip: Trip, attempt) { return airline.book(trip, attempt.idempotencyKey); } });
 */
export const job = <Input, Output>(definition: JobDefinition<Input, Output> | ForeignJobDefinition): Job<Input, Output> => {
  checkName('job', definition.name);
  if ('function' in definition && definition.function === '')
    throw new StarquakeError('APP_INVALID', `The job "${definition.name}" names no function.`);
  if (definition.maxConcurrency !== undefined && !(definition.maxConcurrency >= 1)) {
    throw new StarquakeError(
      'APP_INVALID',
      `The job "${definition.name}" has maxConcurrency ${definition.maxConcurrency}; it must be 1 or more.`,
    );
  }
  if (typeof definition.retry === 'object') checkPolicy(definition.name, definition.retry);
  const own: Pick<Job<Input, Output>, 'input' | 'output' | 'memoryMb' | 'function' | 'run'> = 'function' in definition
    ? takeForeign(definition)
    : takeOwn(definition);
  return {
    kind: 'job',
    name: definition.name,
    retry: definition.retry ?? {},
    timeoutMs: toMilliseconds(definition.timeout ?? '30s'),
    ...(definition.totalTimeout !== undefined && { totalTimeoutMs: toMilliseconds(definition.totalTimeout) }),
    ...(definition.maxConcurrency !== undefined && { maxConcurrency: definition.maxConcurrency }),
    ...own,
  };
};

const DEFAULT_MEMORY_MB = 256;

const takeOwn = <Input, Output>({ input, output, memoryMb = DEFAULT_MEMORY_MB, run }: JobDefinition<Input, Output>) => ({
  ...(input && { input }),
  ...(output && { output }),
  memoryMb,
  run,
});

const takeForeign = ({ name, function: foreign }: ForeignJobDefinition) => ({
  function: foreign,
  // Lambda knows its memory; the report of each invocation says it.
  memoryMb: DEFAULT_MEMORY_MB,
  run: (): never => {
    throw new StarquakeError(
      'FUNCTION_NOT_FOUND',
      `The job "${name}" is run by the function "${foreign}", which is not a part of its app.`,
    );
  },
});
