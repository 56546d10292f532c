// Proves what becomes of each answer and each refusal of Lambda, against a server that says what the test wants.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openLambdaFunctions,
  REQUEST_LIMIT_BYTES,
  type LambdaFunctions,
  type LambdaFunctionsOptions,
} from '../../../../src/adapters/lambda/lambda-functions.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';
import { waitUntil } from '../../../contract/harness.ts';
import { say, sayError, startFakeLambda, type FakeLambda, type Invoked } from './fake-lambda.ts';

const CALL = { timeoutMs: 10_000 };
const REPORT =
  'REPORT RequestId: request-1\tDuration: 2.37 ms\tBilled Duration: 427 ms\tMemory Size: 1024 MB\tMax Memory Used: 95 MB\tInit Duration: 423.98 ms\t\n';
const tail = (text: string) => ({ 'x-amz-log-result': Buffer.from(text).toString('base64') });

let lambda: FakeLambda;
let clock: VirtualClock;
let functions: LambdaFunctions;
let throttled: string[];

const open = (options: Partial<LambdaFunctionsOptions> = {}): void => {
  functions?.close();
  functions = openLambdaFunctions({
    clock,
    prefix: 'sq-',
    client: lambda.client,
    onThrottled: (name, { message }) => void throttled.push(`${name}: ${message}`),
    ...options,
  });
};
const invoke = (name = 'pay', request: unknown = {}) => functions.invoke(name, JSON.stringify(request), CALL);

beforeEach(async () => {
  lambda = await startFakeLambda();
  clock = makeVirtualClock();
  throttled = [];
  open();
});
afterEach(async () => {
  functions.close();
  await lambda.close();
});

describe('an invocation', () => {
  it('asks for the tail of the log, by the name that the function has on Lambda, with the request as it is', async () => {
    await functions.invoke('booking.decision@7f', '{"a":"é"}', CALL);
    const [came] = lambda.invoked;
    expect(decodeURIComponent(came?.url ?? '')).toBe('/2015-03-31/functions/sq-booking_decision:d-7f/invocations');
    expect(came?.headers['x-amz-log-type']).toBe('Tail');
    expect(came?.body).toBe('{"a":"é"}');
  });

  it('has the figures of the report', async () => {
    lambda.onInvoke = (came) => say(came, { headers: tail(REPORT), body: '{"x":1}' });
    expect(await invoke()).toEqual({
      kind: 'answered',
      payload: '{"x":1}',
      report: {
        requestId: 'request-1',
        durationMs: 2.37,
        billedMs: 427,
        memoryMb: 1024,
        initMs: 423.98,
        coldStart: true,
        source: 'report',
      },
    });
  });

  it('has estimated figures where the report is missing, cut off or of another one; memory as it was last reported', async () => {
    lambda.onInvoke = (came) => say(came, { headers: tail(lambda.invoked.length === 1 ? REPORT : REPORT.slice(0, 50)) });
    await invoke();
    expect((await invoke()).report).toMatchObject({ source: 'estimated', memoryMb: 1024, coldStart: false });
    lambda.onInvoke = (came) => say(came, { headers: tail(REPORT.replace('request-1', 'request-2')) });
    expect((await invoke()).report).toMatchObject({ source: 'estimated' });
    lambda.onInvoke = (came) => {
      clock.advance(120);
      say(came);
    };
    expect((await invoke('other')).report).toMatchObject({ source: 'estimated', durationMs: 120, billedMs: 120, memoryMb: 256 });
  });

  it('that answers nothing answers null', async () => {
    lambda.onInvoke = (came) => say(came, { body: '' });
    expect(await invoke()).toMatchObject({ kind: 'answered', payload: 'null' });
  });

  it("that ended with the function's error has failed by its fault, and has its figures all the same", async () => {
    const body = JSON.stringify({ errorType: 'RangeError', errorMessage: 'out of range', trace: ['RangeError: out of range'] });
    lambda.onInvoke = (came) => say(came, { headers: { 'x-amz-function-error': 'Unhandled', ...tail(REPORT) }, body });
    expect(await invoke()).toMatchObject({
      kind: 'failed',
      retryable: false,
      failure: { code: 'FUNCTION_CRASHED', name: 'RangeError', message: 'out of range' },
      report: { source: 'report', billedMs: 427 },
    });
  });

  it('uses a connection again', async () => {
    for (let at = 0; at < 5; at++) await invoke();
    expect(new Set(lambda.invoked.map(({ connection }) => connection)).size).toBe(1);
  });

  it('is given up at its deadline, and not before', async () => {
    lambda.onInvoke = () => undefined;
    const late = invoke();
    await waitUntil(() => lambda.invoked.length === 1, 'it was sent');
    clock.advance(CALL.timeoutMs);
    expect(await late).toMatchObject({
      kind: 'failed',
      failure: { code: 'FUNCTION_TIMED_OUT' },
      report: { source: 'estimated', billedMs: 10_000 },
    });
    expect(clock.timers).toBe(0);
  });
});

describe('a refusal', () => {
  it.each([
    [404, 'ResourceNotFoundException', 'FUNCTION_NOT_FOUND'],
    [403, 'AccessDeniedException', 'FUNCTION_FORBIDDEN'],
    [403, 'UnrecognizedClientException', 'FUNCTION_FORBIDDEN'],
    [400, 'InvalidParameterValueException', 'FUNCTION_UNUSABLE'],
    [400, 'InvalidRequestContentException', 'FUNCTION_UNUSABLE'],
    [502, 'InvalidZipFileException', 'FUNCTION_UNUSABLE'],
    [502, 'KMSAccessDeniedException', 'FUNCTION_UNUSABLE'],
    [409, 'ResourceConflictException', 'FUNCTION_UNAVAILABLE'],
    [502, 'ENILimitReachedException', 'FUNCTION_UNAVAILABLE'],
    [408, 'EFSMountTimeoutException', 'FUNCTION_UNAVAILABLE'],
    [500, 'ServiceException', 'FUNCTION_UNANSWERED'],
    [503, 'SomethingNewException', 'FUNCTION_UNANSWERED'],
    [418, 'SomethingNewException', 'FUNCTION_UNUSABLE'],
  ])('%i %s is %s, by no fault of the request, billed nothing and asked for once', async (status, type, code) => {
    lambda.onInvoke = (came) => sayError(came, status, type);
    expect(await invoke()).toMatchObject({
      kind: 'failed',
      retryable: true,
      failure: { code },
      report: { billedMs: 0, source: 'estimated' },
    });
    expect(lambda.invoked).toHaveLength(1);
  });

  it('of a request that is too large is final', async () => {
    lambda.onInvoke = (came) => sayError(came, 413, 'RequestTooLargeException');
    expect(await invoke()).toMatchObject({ retryable: false, failure: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it('of a request over 6 MB needs no Lambda, however few its characters are', async () => {
    const request = 'é'.repeat(REQUEST_LIMIT_BYTES / 2);
    expect(await invoke('pay', request)).toMatchObject({ retryable: false, failure: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(lambda.invoked).toHaveLength(0);
  });

  it('that is not written as Lambda writes it goes by its status', async () => {
    lambda.onInvoke = (came) => say(came, { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' });
    expect(await invoke()).toMatchObject({ retryable: true, failure: { code: 'FUNCTION_UNANSWERED' } });
  });
});

describe('a network that fails', () => {
  it('before anything was sent: the function has not begun', async () => {
    await lambda.close();
    expect(await invoke()).toMatchObject({ retryable: true, failure: { code: 'FUNCTION_UNAVAILABLE' } });
  });

  it('after it was sent: nobody knows', async () => {
    lambda.onInvoke = ({ response }) => response.destroy();
    expect(await invoke()).toMatchObject({ retryable: true, failure: { code: 'FUNCTION_UNANSWERED' } });
    expect(lambda.invoked).toHaveLength(1);
  });

  it('in the middle of the answer: nobody knows', async () => {
    lambda.onInvoke = ({ response }) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":');
      setImmediate(() => response.destroy());
    };
    expect(await invoke()).toMatchObject({ retryable: true, failure: { code: 'FUNCTION_UNANSWERED' } });
  });
});

describe('throttling', () => {
  const throttle = (came: Invoked, seconds = '2'): void => {
    came.response.setHeader('retry-after', seconds);
    sayError(came, 429, 'TooManyRequestsException', { Reason: 'ConcurrentInvocationLimitExceeded' });
  };

  it('waits as long as Lambda asks, then tries again, and says so', async () => {
    lambda.onInvoke = (came) => (lambda.invoked.length === 1 ? throttle(came) : say(came));
    const answered = invoke();
    await waitUntil(() => throttled.length === 1, 'it was throttled');
    expect(throttled).toEqual([
      expect.stringContaining('pay: Lambda did not run the function "pay": TooManyRequestsException (ConcurrentInvocationLimitExceeded)'),
    ]);
    expect(clock.nextAt).toBe(clock.now() + 2_000);
    clock.advance(2_000);
    expect(await answered).toMatchObject({ kind: 'answered' });
    expect(lambda.invoked).toHaveLength(2);
  });

  it('for longer than its patience: it has not begun, and is billed nothing', async () => {
    lambda.onInvoke = (came) => throttle(came);
    const refused = invoke();
    await waitUntil(() => throttled.length === 1, 'it was throttled');
    clock.advance(2_000);
    await waitUntil(() => throttled.length === 2, 'it was throttled again');
    clock.advance(2_000);
    await waitUntil(() => throttled.length === 3, 'it was throttled again');
    clock.advance(1_000);
    const result = await refused;
    expect(result).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'THROTTLED' }, report: { billedMs: 0 } });
    expect(functions.count()).toEqual({ inFlight: 0, waiting: 0 });
  });
});

describe('too many at once', () => {
  it('wait for their turn in order', async () => {
    open({ perFunction: 2 });
    const waiting: (() => void)[] = [];
    lambda.onInvoke = (came) => void waiting.push(() => say(came, { body: came.body }));
    const all = [1, 2, 3].map((at) => invoke('pay', at));
    await waitUntil(() => waiting.length === 2, 'two were sent');
    expect(functions.count()).toEqual({ inFlight: 2, waiting: 1 });
    waiting[0]?.();
    await waitUntil(() => waiting.length === 3, 'the third was sent');
    for (const answer of waiting.slice(1)) answer();
    expect((await Promise.all(all)).map((result) => result.kind === 'answered' && result.payload)).toEqual(['1', '2', '3']);
  });

  it('are throttled here when there is no turn before their patience ends', async () => {
    open({ perFunction: 1 });
    lambda.onInvoke = () => undefined;
    const all = [invoke(), invoke()];
    await waitUntil(() => lambda.invoked.length === 1, 'one was sent');
    clock.advance(5_000);
    expect(await all[1]).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'THROTTLED' } });
    clock.advance(5_000);
    expect(await all[0]).toMatchObject({ failure: { code: 'FUNCTION_TIMED_OUT' } });
  });
});

it('what is in flight when all is closed is given up', async () => {
  lambda.onInvoke = () => undefined;
  const open = invoke();
  await waitUntil(() => lambda.invoked.length === 1, 'it was sent');
  functions.close();
  expect(await open).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_UNANSWERED' } });
  expect(await invoke()).toMatchObject({ kind: 'failed', retryable: true });
  expect(clock.timers).toBe(0);
});
