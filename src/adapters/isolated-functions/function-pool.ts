// The instances of one version of a function: started as invocations come, up to a bound, and ended when they are idle.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { Instance } from './instance.ts';
import type { IsolatedFunction, IsolatedInvocation } from './isolated-function.ts';
import type { LogFormat } from './write-log.ts';

/** What a pool is made with. */
export interface FunctionPoolOptions {
  readonly function: IsolatedFunction;
  readonly clock: Clock;
  readonly mostInstances: number;
  readonly idleMs: number;
  readonly logFormat: LogFormat;
  readonly onOutput: (text: string) => void;
}

/** The instances of one version of a function. */
export class FunctionPool {
  readonly #options: FunctionPoolOptions;
  readonly #waiting: IsolatedInvocation[] = [];
  readonly #busy = new Map<Instance, IsolatedInvocation>();
  /** With how to stop the clock that ends it; the one that was idle last is the first to be taken. */
  readonly #idle = new Map<Instance, CancelTimer>();
  readonly #ending = new Set<Promise<void>>();
  #started = 0;
  #retired = false;

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
  }

  /** The function that its instances run. */
  get function(): IsolatedFunction {
    return this.#options.function;
  }

  /** Processes of its instances. */
  get pids(): readonly number[] {
    return [...this.#busy.keys(), ...this.#idle.keys()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Whether it has no instance, and none that is still ending. */
  get empty(): boolean {
    return this.#busy.size + this.#idle.size + this.#ending.size === 0;
  }

  /** Runs an invocation as soon as there is an instance for it. */
  invoke(invocation: IsolatedInvocation): void {
    const idle = [...this.#idle.keys()].at(-1);
    if (idle !== undefined) return this.#run(idle, invocation);
    if (this.#busy.size < this.#options.mostInstances) return this.#run(this.#open(), invocation);
    this.#waiting.push(invocation);
  }

  /** Gives an invocation up: one that runs ends as at a timeout. */
  giveUp(invocation: IsolatedInvocation): void {
    const at = this.#waiting.indexOf(invocation);
    if (at >= 0) for (const unbegun of this.#waiting.splice(at, 1)) unbegun.resolve(undefined);
    for (const [instance, running] of this.#busy) if (running === invocation) instance.timeOut();
  }

  /** Takes no more invocations: instances end once they have nothing to do. */
  retire(): void {
    this.#retired = true;
    for (const instance of this.#idle.keys()) this.#endIdle(instance);
  }

  /** Ends all instances, and with them what they run. */
  async end(): Promise<void> {
    this.retire();
    for (const unbegun of this.#waiting.splice(0)) unbegun.resolve(undefined);
    await Promise.all([...[...this.#busy.keys()].map((instance) => instance.kill()), ...this.#ending]);
  }

  #open(): Instance {
    const { function: fn, clock, logFormat, onOutput } = this.#options;
    const instance: Instance = new Instance({
      function: fn,
      name: `${fn.name}/${++this.#started}`,
      clock,
      logFormat,
      onOutput,
      onIdle: () => this.#takeIdle(instance),
      onEnded: () => this.#takeEnded(instance),
    });
    return instance;
  }

  #run(instance: Instance, invocation: IsolatedInvocation): void {
    this.#idle.get(instance)?.();
    this.#idle.delete(instance);
    this.#busy.set(instance, invocation);
    instance.invoke(invocation);
  }

  #takeIdle(instance: Instance): void {
    const { clock, idleMs } = this.#options;
    this.#busy.delete(instance);
    const next = this.#waiting.shift();
    if (next !== undefined) return this.#run(instance, next);
    this.#idle.set(
      instance,
      clock.setTimer(clock.now() + idleMs, () => this.#endIdle(instance)),
    );
    if (this.#retired) this.#endIdle(instance);
  }

  #takeEnded(instance: Instance): void {
    this.#idle.get(instance)?.();
    this.#idle.delete(instance);
    this.#busy.delete(instance);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#run(this.#open(), next);
  }

  #endIdle(instance: Instance): void {
    this.#idle.get(instance)?.();
    this.#idle.delete(instance);
    const ended = instance.kill().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
