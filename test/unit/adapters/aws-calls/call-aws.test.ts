// Proves what becomes of a call to AWS that does not go well: asked again until the deadline, or not at all.
import { describe, expect, it } from 'vitest';
import { callAws } from '../../../../src/adapters/aws-calls/call-aws.ts';
import { readTrouble } from '../../../../src/adapters/aws-calls/read-trouble.ts';
import { startDeadline } from '../../../../src/adapters/aws-calls/start-deadline.ts';
import { StarquakeError } from '../../../../src/protocol/starquake-error.ts';

const makeError = (name: string, more: object = {}): Error => Object.assign(new Error(`it is ${name}`), { name }, more);
const CALL = { operation: 'test.call', timeoutMs: 5000 };
const SHORT = { operation: 'test.call', timeoutMs: 50 };

describe('a call', () => {
  it('is asked again until it is answered, and knows how often it was asked', async () => {
    const numbers: number[] = [];
    const answer = await callAws(CALL, async ({ number }) => {
      numbers.push(number);
      if (number < 4) throw makeError('ThrottlingException');
      return 'answered';
    });
    expect(answer).toBe('answered');
    expect(numbers).toEqual([1, 2, 3, 4]);
  });

  it('that is throttled to the end says so, with what AWS said as its cause', async () => {
    const cause = makeError('ThrottlingException');
    const calling = callAws(SHORT, () => Promise.reject(cause));
    await expect(calling).rejects.toMatchObject({ code: 'THROTTLED', cause });
  });

  it('that gets no answer is ended by its signal at the deadline', async () => {
    let signals = 0;
    const calling = callAws(
      SHORT,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            signals++;
            reject(makeError('AbortError'));
          });
        }),
    );
    await expect(calling).rejects.toMatchObject({ code: 'CALL_TIMED_OUT' });
    expect(signals).toBeGreaterThan(0);
  });

  it('that is refused for good is not asked again', async () => {
    let asked = 0;
    const calling = callAws(CALL, async () => {
      asked++;
      throw makeError('AccessDeniedException', { $metadata: { httpStatusCode: 400 } });
    });
    await expect(calling).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(asked).toBe(1);
  });

  it('passes an error of our own on as it is', async () => {
    const error = new StarquakeError('PAYLOAD_MISSING', 'It is gone.');
    await expect(callAws(CALL, () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('an error', () => {
  it.each([
    ['throttled', makeError('ProvisionedThroughputExceededException')],
    ['throttled', makeError('SlowDown', { $metadata: { httpStatusCode: 503 } })],
    ['throttled', makeError('Unheard', { $metadata: { httpStatusCode: 429 } })],
    ['passing', makeError('Unheard', { $metadata: { httpStatusCode: 503 } })],
    ['passing', makeError('TransactionConflictException', { $metadata: { httpStatusCode: 400 } })],
    ['passing', makeError('Error', { code: 'ECONNRESET' })],
    ['passing', makeError('TimeoutError')],
    ['passing', new Error('socket hang up')],
    ['refused', makeError('ValidationException', { $metadata: { httpStatusCode: 400 } })],
    ['refused', makeError('ResourceNotFoundException', { $metadata: { httpStatusCode: 400 } })],
    ['refused', new TypeError('a mistake of ours')],
    ['refused', 'no error at all'],
  ])('is %s: %s', (trouble, error) => {
    expect(readTrouble(error)).toBe(trouble);
  });
});

it('a deadline leaves less time the later it is looked at', () => {
  const call = startDeadline({ timeoutMs: 1000 });
  expect(call.timeoutMs).toBeLessThanOrEqual(1000);
  expect(startDeadline({ timeoutMs: 0 }).timeoutMs).toBe(0);
});
