// Proves that the errors that authors catch say what happened, and to what.
import { describe, expect, it } from 'vitest';
import {
  ChildFailedError,
  JobCanceledError,
  JobFailedError,
  NotRetryableError,
  RunCanceledError,
  WorkflowCodeError,
} from '../../../src/sdk/index.ts';

describe('an error that an author catches', () => {
  it.each([
    [
      new JobFailedError('pay', { code: 'BUSY', name: 'Error', message: 'the bank is busy' }),
      'JobFailedError',
      'JOB_FAILED',
      'The job "pay" failed: the bank is busy',
    ],
    [new JobCanceledError('given up'), 'JobCanceledError', 'JOB_CANCELED', 'given up'],
    [new RunCanceledError('enough'), 'RunCanceledError', 'RUN_CANCELED', 'enough'],
    [
      new ChildFailedError('child', 'terminated', undefined),
      'ChildFailedError',
      'RUN_FAILED',
      'The child run "child" ended as terminated.',
    ],
    [
      new ChildFailedError('child', 'failed', { code: 'FULL', name: 'Error', message: 'no room' }),
      'ChildFailedError',
      'FULL',
      'The child run "child" ended as failed: no room',
    ],
    [new WorkflowCodeError('SIGNAL_INVALID', 'too long'), 'WorkflowCodeError', 'SIGNAL_INVALID', 'too long'],
  ])('%s has a name, a code and a message', (error, name, code, message) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, message });
  });

  it('keeps what the last attempt threw, and how the child ended', () => {
    const failure = { code: 'BUSY', name: 'Error', message: 'busy' };
    expect(new JobFailedError('pay', failure)).toMatchObject({ job: 'pay', failure });
    expect(new ChildFailedError('child', 'failed', failure)).toMatchObject({ runId: 'child', outcome: 'failed', failure });
  });

  it('that is not to be retried says so by its name', () => {
    expect(new NotRetryableError('sold out')).toMatchObject({ name: 'NotRetryableError', message: 'sold out' });
  });
});
