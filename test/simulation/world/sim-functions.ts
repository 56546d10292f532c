// The functions of the simulated world: real decisions in several instances with live runs of their own; jobs that do what their input says.
import type { InvocationResult, InvokeOptions } from '../../../src/ports/functions.ts';
import type { DecisionAnswer, DecisionRequest, JobAnswer, JobRequest } from '../../../src/protocol/functions.ts';
import type { Failure } from '../../../src/protocol/payload.ts';
import type { FunctionFault } from '../clockwork/faults.ts';
import type { JobInput } from '../programs/program.ts';
import type { Process } from './process.ts';
import { readKind } from './function-names.ts';
import type { InvokePlace, World } from './world.ts';

/** A handler as it is deployed. */
export type Handler = (request: never) => Promise<unknown>;

/** What functions are made of. */
export interface FunctionsOptions {
  readonly makeDecision: () => (request: DecisionRequest) => Promise<DecisionAnswer>;
  readonly jobRetry: Handler;
  readonly timer: Handler;
  /** Instances of the decision function. */
  readonly instances: number;
}

type Outcome =
  | { readonly kind: 'answered'; readonly payload: string }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryable: boolean };

const crashed: Outcome = {
  kind: 'failed',
  failure: { code: 'FUNCTION_CRASHED', name: 'StarquakeError', message: 'The function crashed.' },
  retryable: true,
};
const timedOut: Outcome = {
  kind: 'failed',
  failure: { code: 'FUNCTION_TIMED_OUT', name: 'StarquakeError', message: 'The function took too long.' },
  retryable: false,
};

/** The functions. */
export class SimFunctions implements InvokePlace {
  readonly #world: World;
  readonly #options: FunctionsOptions;
  readonly #instances: ((request: DecisionRequest) => Promise<DecisionAnswer>)[];

  constructor(world: World, options: FunctionsOptions) {
    this.#world = world;
    this.#options = options;
    this.#instances = Array.from({ length: options.instances }, () => options.makeDecision());
  }

  /** Answers by way of the process that asked; never, if the answer is lost on the way. */
  invoke(
    process: Process,
    name: string,
    payload: string,
    { timeoutMs, slot = 0 }: InvokeOptions,
    answer: (result: InvocationResult) => void,
  ): void {
    const { faults, random } = this.#world;
    const fault = random.chance(faults.invocation) ? random.weigh(faults.functionFaults) : undefined;
    const requestId = process.newId();
    const finish = (outcome: Outcome, tookMs: number): void => {
      const durationMs = Math.min(tookMs, timeoutMs);
      const report = { requestId, durationMs, billedMs: durationMs, memoryMb: 256, initMs: 0, coldStart: false, source: 'report' as const };
      process.after(durationMs, () => answer({ ...(tookMs > timeoutMs ? timedOut : outcome), report }));
    };
    if (fault !== undefined) this.#world.note(`${name} is ${fault}`);
    if (fault === 'crashed') return this.#crash(name, finish);
    void this.#execute(name, payload, slot).then(({ outcome, tookMs }) => this.#answer(fault, outcome, tookMs, finish));
  }

  #answer(fault: FunctionFault | undefined, outcome: Outcome, tookMs: number, finish: (outcome: Outcome, tookMs: number) => void): void {
    if (fault === 'silent') return;
    if (fault === 'lost') return finish(crashed, tookMs);
    finish(outcome, fault === 'slow' ? tookMs + this.#world.random.int(1000, 20_000) : tookMs);
  }

  /** An instance that dies takes its live runs with it. */
  #crash(name: string, finish: (outcome: Outcome, tookMs: number) => void): void {
    if (readKind(name) === 'decision')
      this.#instances[this.#world.random.int(0, this.#instances.length - 1)] = this.#options.makeDecision();
    finish(crashed, this.#world.drawDelay());
  }

  async #execute(name: string, payload: string, slot: number): Promise<{ outcome: Outcome; tookMs: number }> {
    const { random } = this.#world;
    if (readKind(name) === 'jobs') return this.#runJob(payload);
    const tookMs = this.#world.drawDelay();
    if (readKind(name) === 'decision') {
      const instance = this.#instances[random.chance(0.7) ? slot % this.#instances.length : random.int(0, this.#instances.length - 1)];
      return {
        outcome: await this.#call((request: DecisionRequest) => (instance ?? this.#options.makeDecision())(request), payload),
        tookMs,
      };
    }
    return { outcome: await this.#call(readKind(name) === 'timer' ? this.#options.timer : this.#options.jobRetry, payload), tookMs };
  }

  async #call(handler: Handler, payload: string): Promise<Outcome> {
    try {
      return { kind: 'answered', payload: JSON.stringify(await handler(JSON.parse(payload) as never)) };
    } catch (error) {
      this.#world.ledger.fail(`a function threw: ${String(error)}`);
      return crashed;
    }
  }

  #runJob(payload: string): { outcome: Outcome; tookMs: number } {
    const request = JSON.parse(payload) as JobRequest;
    const { attempt } = request;
    const input = ('json' in attempt.input ? attempt.input.json : undefined) as JobInput;
    this.#world.ledger.noteInvoked(request);
    this.#world.note(`runs ${attempt.run} ${attempt.job} ${attempt.name} ${input.id} ${attempt.generation}.${attempt.number}`);
    const tookMs = input.does === 'drag' ? this.#world.random.int(0, 8000) : this.#world.random.int(0, 300);
    return { outcome: { kind: 'answered', payload: JSON.stringify(answerJob(input, attempt)) }, tookMs };
  }
}

const fail = (code: string, retryable: boolean): JobAnswer => ({
  kind: 'failed',
  retryable,
  failure: { code, name: 'Error', message: `${code} on purpose` },
});

/** What a job does is a function of its input and its attempt, so that who runs it makes no difference. */
const answerJob = ({ id, does, times }: JobInput, { number, generation }: JobRequest['attempt']): JobAnswer => {
  switch (does) {
    case 'stumble':
      return number <= times ? fail('STUMBLED', true) : { kind: 'succeeded', output: { json: `${id} done` } };
    case 'refuse':
      return fail('REFUSED', false);
    case 'exhaust':
      return generation > times ? { kind: 'succeeded', output: { json: `${id} done` } } : fail('EXHAUSTED', true);
    case 'delegate':
      return { kind: 'later', timeoutMs: 45_000 };
    default:
      return { kind: 'succeeded', output: { json: `${id} done` } };
  }
};
