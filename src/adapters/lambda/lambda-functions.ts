// Functions on AWS Lambda, invoked through the AWS SDK one attempt at a time, with what each took read from its own report.
import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Clock } from '../../ports/clock.ts';
import type { Functions, InvocationResult, InvokeOptions } from '../../ports/functions.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Failure } from '../../protocol/payload.ts';
import { findFunctionName, type FunctionNaming } from '../../platform/function-names.ts';
import { Gate } from './gate.ts';
import { judgeRefusal, type Refusal } from './judge-refusal.ts';
import { estimateReport, readAnswer, type LambdaAnswer } from './read-answer.ts';

/** The largest request that Lambda takes from one who waits for the answer: 6 MB. */
export const REQUEST_LIMIT_BYTES = 6 * 1024 * 1024;

/** How to open the functions of an account. */
export interface LambdaFunctionsOptions extends FunctionNaming {
  readonly clock: Clock;
  /** Where Lambda is and who asks; by default what the AWS SDK finds in the environment and on the machine. */
  readonly client?: Pick<LambdaClientConfig, 'region' | 'endpoint' | 'credentials'>;
  /** Invocations of one function in flight at once. Default 200. */
  readonly perFunction?: number;
  /** Invocations in flight at once in all, each with a connection of its own. Default 1000, an account's first quota. */
  readonly total?: number;
  /** An invocation waits this long for its turn at most, in milliseconds, and not beyond its deadline. Default 5,000. */
  readonly patienceMs?: number;
  /** What a function's memory is taken for until its first report is seen. Default 256. */
  readonly assumedMemoryMb?: number;
  /** Told each time that Lambda asks to slow down. */
  readonly onThrottled?: (name: string, failure: Failure) => void;
}

/** Functions on Lambda. */
export interface LambdaFunctions extends Functions {
  /** How many invocations are in flight, and how many wait for a turn. */
  count(): { readonly inFlight: number; readonly waiting: number };
  /** Gives up what is in flight, and ends all connections. */
  close(): void;
}

/** A connection that is not made within this is not going to be. */
const CONNECT_TIMEOUT_MS = 3_000;
/** A connection that is idle for this long is closed here, before the other side does it under a request. */
const IDLE_SOCKET_MS = 15_000;

/**
 * Opens the functions of an account.
 *
 * What is throttled has not begun: it waits for its turn again while its patience lasts, and fails with THROTTLED then. Everything else
 * is answered at once; whether another attempt is made is the caller's to say (the SDK repeats nothing). `slot` has no meaning here:
 * Lambda gives an invocation to any instance that is free.
 *
 * @example
 * const functions = openLambdaFunctions({ clock: systemClock, prefix: 'starquake-', client: { region: 'eu-west-1' } });
 * const result = await functions.invoke('booking.decision@7f3a', JSON.stringify(request), { timeoutMs: 6_000 });
 */
export const openLambdaFunctions = (options: LambdaFunctionsOptions): LambdaFunctions => new Account(options);

const makeClient = (given: LambdaFunctionsOptions['client'], maxSockets: number): LambdaClient => {
  const agent = { keepAlive: true, maxSockets, timeout: IDLE_SOCKET_MS };
  return new LambdaClient({
    ...given,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpAgent: agent, httpsAgent: agent, connectionTimeout: CONNECT_TIMEOUT_MS }),
  });
};

/** One invocation, from its beginning to its result. */
interface Invocation {
  readonly name: string;
  /** On Lambda. */
  readonly functionName: string;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly startedAt: number;
  /** Aborted when it has waited long enough for its turn. */
  readonly patience: AbortSignal;
  /** Aborted at the deadline, and when all is closed. */
  readonly signal: AbortSignal;
}

class Account implements LambdaFunctions {
  readonly #options: LambdaFunctionsOptions;
  readonly #client: LambdaClient;
  readonly #gate: Gate;
  readonly #aborts = new Set<AbortController>();
  /** Memory of functions in megabytes, as last reported. */
  readonly #memories = new Map<string, number>();
  readonly #instance = randomUUID();
  #refusals = 0;
  #closed = false;

  constructor(options: LambdaFunctionsOptions) {
    const { clock, perFunction = 200, total = 1000 } = options;
    this.#options = options;
    this.#client = makeClient(options.client, total);
    this.#gate = new Gate({ clock, perFunction, total });
  }

  count(): { readonly inFlight: number; readonly waiting: number } {
    return this.#gate.count();
  }

  async invoke(name: string, payload: string, { timeoutMs }: InvokeOptions): Promise<InvocationResult> {
    const { clock, patienceMs = 5_000 } = this.#options;
    const [abort, impatience] = [new AbortController(), new AbortController()];
    const patience = AbortSignal.any([abort.signal, impatience.signal]);
    const startedAt = clock.now();
    const functionName = findFunctionName(name, this.#options);
    const { signal } = abort;
    const invocation: Invocation = { name, functionName, payload: Buffer.from(payload), timeoutMs, startedAt, patience, signal };
    if (invocation.payload.length > REQUEST_LIMIT_BYTES) return this.#refuse(invocation, describeTooLarge(invocation));
    if (this.#closed) return this.#refuse(invocation, describeClosed(name));
    this.#aborts.add(abort);
    const cancelDeadline = clock.setTimer(startedAt + timeoutMs, () => abort.abort());
    const cancelPatience = clock.setTimer(startedAt + patienceMs, () => impatience.abort());
    try {
      return await this.#invokeInTurn(invocation);
    } finally {
      cancelDeadline();
      cancelPatience();
      this.#aborts.delete(abort);
    }
  }

  close(): void {
    this.#closed = true;
    for (const abort of this.#aborts) abort.abort();
    this.#client.destroy();
  }

  async #invokeInTurn(invocation: Invocation): Promise<InvocationResult> {
    const { name, functionName, patience } = invocation;
    let throttled: Failure | undefined;
    while (await this.#takeTurn(functionName, patience)) {
      const made = await this.#send(invocation);
      if ('result' in made) {
        this.#gate.leave(functionName, { throttled: false });
        return made.result;
      }
      const { failure, retryAfterMs } = made;
      this.#gate.leave(functionName, { throttled: true, ...(retryAfterMs !== undefined && { retryAfterMs }) });
      this.#options.onThrottled?.(name, failure);
      throttled = failure;
    }
    return this.#refuse(invocation, this.#closed ? describeClosed(name) : describeNoTurn(name, throttled));
  }

  /** Whether there was a turn before the signal. */
  #takeTurn(functionName: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const giveUp = (): void => {
      stopWaiting();
      resolve(false);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const stopWaiting = this.#gate.enter(functionName, () => {
      signal.removeEventListener('abort', giveUp);
      resolve(true);
    });
    return promise;
  }

  /** The result, or that it is to wait because Lambda asks to slow down. */
  async #send(invocation: Invocation): Promise<{ readonly result: InvocationResult } | Refusal> {
    const { name, functionName, payload, signal } = invocation;
    const command = new InvokeCommand({ FunctionName: functionName, Payload: payload, LogType: 'Tail' });
    try {
      const { $metadata, Payload, FunctionError, LogResult = '' } = await this.#client.send(command, { abortSignal: signal });
      const answer: LambdaAnswer = {
        requestId: $metadata.requestId ?? this.#makeId(),
        payload: Payload?.transformToString() ?? '',
        tail: Buffer.from(LogResult, 'base64').toString(),
        ...(FunctionError !== undefined && { functionError: FunctionError }),
      };
      return { result: this.#read(invocation, answer) };
    } catch (error) {
      if (signal.aborted) return { result: this.#giveUp(invocation) };
      const refusal = judgeRefusal(name, error);
      return refusal.failure.code === 'THROTTLED' ? refusal : { result: this.#refuse(invocation, refusal) };
    }
  }

  #read(invocation: Invocation, answer: LambdaAnswer): InvocationResult {
    const result = readAnswer(invocation.name, answer, this.#measure(invocation));
    if (result.report.source === 'report') this.#memories.set(invocation.functionName, result.report.memoryMb);
    return result;
  }

  /** It was sent, and may run on. */
  #giveUp(invocation: Invocation): InvocationResult {
    const { name, timeoutMs } = invocation;
    const late = makeFailure('FUNCTION_TIMED_OUT', `The function "${name}" did not answer within ${timeoutMs} ms.`);
    const { failure, retryable } = this.#closed ? describeClosed(name) : { failure: late, retryable: false };
    return { kind: 'failed', failure, retryable, report: estimateReport(this.#makeId(), this.#measure(invocation)) };
  }

  /** It did not begin, or nobody knows: nothing is billed as far as one can tell. */
  #refuse(invocation: Invocation, { failure, retryable }: Refusal): InvocationResult {
    const report = { ...estimateReport(this.#makeId(), this.#measure(invocation)), billedMs: 0 };
    return { kind: 'failed', failure, retryable, report };
  }

  #measure({ functionName, startedAt }: Invocation): { durationMs: number; memoryMb: number } {
    const { clock, assumedMemoryMb = 256 } = this.#options;
    return { durationMs: clock.now() - startedAt, memoryMb: this.#memories.get(functionName) ?? assumedMemoryMb };
  }

  /** Names an invocation that Lambda gave no name. */
  #makeId(): string {
    return `${this.#instance}.${this.#refusals++}`;
  }
}

const makeFailure = (code: ErrorCode, message: string): Failure => ({ code, name: 'StarquakeError', message });

const describeTooLarge = ({ name, payload }: Invocation): Refusal => ({
  failure: makeFailure(
    'PAYLOAD_TOO_LARGE',
    `The request of the function "${name}" is ${payload.length} bytes; Lambda takes up to ${REQUEST_LIMIT_BYTES}.`,
  ),
  retryable: false,
});

const describeClosed = (name: string): Refusal => ({
  failure: makeFailure('FUNCTION_UNANSWERED', `The functions were closed before "${name}" answered.`),
  retryable: true,
});

const describeNoTurn = (name: string, throttled: Failure | undefined): Refusal => ({
  failure: makeFailure(
    'THROTTLED',
    throttled === undefined ? `There was no room for the function "${name}": too many invocations are in flight.` : throttled.message,
  ),
  retryable: true,
});
