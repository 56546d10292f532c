// Proves that a function's own error is told apart from the end that Lambda puts to it; the samples are from published answers.
import { describe, expect, it } from 'vitest';
import { readFunctionError } from '../../../../src/adapters/lambda/read-function-error.ts';

const read = (payload: unknown, tail = '', used?: { memoryMb: number; maxMemoryMb: number }) =>
  readFunctionError({
    name: 'pay',
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    tail,
    report: used && { durationMs: 1, billedMs: 1, initMs: undefined, ...used },
  });

describe("a function's own error", () => {
  it('of Node keeps its name, its message and its stack', () => {
    const trace = ['RangeError: out of range', '    at handler (file:///var/task/index.mjs:3:9)'];
    expect(read({ errorType: 'RangeError', errorMessage: 'out of range', trace })).toEqual({
      code: 'FUNCTION_CRASHED',
      name: 'RangeError',
      message: 'out of range',
      stack: trace.join('\n'),
    });
  });

  it('of Python too', () => {
    const payload = {
      errorMessage: 'Only base64 data is allowed',
      errorType: 'Error',
      requestId: 'd696fc83',
      stackTrace: ['  File "/var/task/lambda_function.py", line 26, in lambda_handler\n'],
    };
    expect(read(payload)).toMatchObject({ code: 'FUNCTION_CRASHED', name: 'Error', message: 'Only base64 data is allowed' });
  });

  it('that goes by the name of a code of the catalogue has that code', () => {
    expect(read({ errorType: 'UPGRADE_ME', errorMessage: 'newer' })).toMatchObject({ code: 'UPGRADE_ME' });
  });

  it('that only speaks of a timeout is no timeout', () => {
    expect(read({ errorType: 'Error', errorMessage: 'Task timed out after 3.00 seconds' })).toMatchObject({ code: 'FUNCTION_CRASHED' });
  });

  it('may be anything at all', () => {
    for (const payload of ['', 'null', '"text"', '[1]', '{"errorType":7}', 'not JSON']) {
      expect(read(payload)).toMatchObject({ code: 'FUNCTION_CRASHED' });
    }
    expect(read('not JSON').message).toBe('not JSON');
  });
});

describe('an end put to it by Lambda', () => {
  it('is a timeout, in the form of today and in the older one', () => {
    const today = { errorType: 'Sandbox.Timedout', errorMessage: 'RequestId: 1f60b20c Error: Task timed out after 3.00 seconds' };
    expect(read(today)).toMatchObject({ code: 'FUNCTION_TIMED_OUT' });
    expect(read({ errorMessage: '2020-04-06T10:00:00.000Z 1f60b20c Task timed out after 3.00 seconds' }).code).toBe('FUNCTION_TIMED_OUT');
  });

  it('is want of memory: by its name, by the kill at the limit, by the heap that ended it', () => {
    const killed = { errorType: 'Runtime.ExitError', errorMessage: 'RequestId: a Error: Runtime exited with error: signal: killed' };
    const aborted = { errorType: 'Runtime.ExitError', errorMessage: 'RequestId: a Error: Runtime exited with error: signal: aborted' };
    const heap = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    expect(read({ ...killed, errorType: 'Runtime.OutOfMemory' }).code).toBe('FUNCTION_OUT_OF_MEMORY');
    expect(read(killed, '', { memoryMb: 128, maxMemoryMb: 128 }).code).toBe('FUNCTION_OUT_OF_MEMORY');
    expect(read(killed, '', { memoryMb: 128, maxMemoryMb: 60 }).code).toBe('FUNCTION_CRASHED');
    expect(read(aborted, heap).code).toBe('FUNCTION_OUT_OF_MEMORY');
    expect(read(aborted).code).toBe('FUNCTION_CRASHED');
  });

  it('is an answer that is too large', () => {
    const payload = {
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    };
    expect(read(payload)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('is an exit, a handler that cannot be loaded, or an extension that failed', () => {
    for (const errorType of ['Runtime.ExitError', 'Runtime.ImportModuleError', 'Runtime.UserCodeSyntaxError', 'Extension.Crash']) {
      expect(read({ errorType, errorMessage: 'exit status 106' })).toMatchObject({ code: 'FUNCTION_CRASHED', name: 'StarquakeError' });
    }
  });
});
