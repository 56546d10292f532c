// The errors that workflow code and jobs throw and catch.
import type { Failure } from '../protocol/payload.ts';

/** What a job throws when trying again is of no use. */
export class NotRetryableError extends Error {
  override readonly name = 'NotRetryableError';
}

/** Thrown where a job is awaited that failed for good. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  readonly code = 'JOB_FAILED';
  readonly job: string;
  /** What the last attempt threw. */
  readonly failure: Failure;

  constructor(job: string, failure: Failure) {
    super(`The job "${job}" failed: ${failure.message}`);
    this.job = job;
    this.failure = failure;
  }
}

/** Thrown where a job, child, sleep or receive is awaited that was canceled by itself. */
export class JobCanceledError extends Error {
  override readonly name = 'JobCanceledError';
  readonly code = 'JOB_CANCELED';
}

/** Thrown where a child is awaited that did not complete. */
export class ChildFailedError extends Error {
  override readonly name = 'ChildFailedError';
  readonly code: string;
  readonly runId: string;
  readonly outcome: string;
  readonly failure: Failure | undefined;

  constructor(runId: string, outcome: string, failure: Failure | undefined) {
    super(`The child run "${runId}" ended as ${outcome}${failure === undefined ? '.' : `: ${failure.message}`}`);
    this.code = failure?.code ?? 'RUN_FAILED';
    this.runId = runId;
    this.outcome = outcome;
    this.failure = failure;
  }
}

/** Thrown once in a run that is canceled, at the next await that would wait. */
export class RunCanceledError extends Error {
  override readonly name = 'RunCanceledError';
  readonly code = 'RUN_CANCELED';
}

/** Thrown where workflow code does what is not deterministic, or uses the flow in a way that cannot be. */
export class WorkflowCodeError extends Error {
  override readonly name = 'WorkflowCodeError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
