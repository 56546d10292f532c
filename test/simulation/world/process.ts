// One process of the simulated world: it may stand still for days and go on as if nothing had happened, or die at any await.
import type { Scheduler } from '../clockwork/scheduler.ts';

/** A process that hosts a connector. */
export class Process {
  readonly name: string;
  readonly #scheduler: Scheduler;
  #state: 'up' | 'paused' | 'dead' = 'up';
  #backlog: (() => void)[] = [];
  #ids = 0;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Something reaches the process: now, when it goes on, or never. */
  reach(fn: () => void): void {
    if (this.#state === 'up') fn();
    else if (this.#state === 'paused') this.#backlog.push(fn);
  }

  /** As `reach`, after a while; returns how to cancel. */
  after(ms: number, fn: () => void): () => void {
    return this.#scheduler.after(ms, () => this.reach(fn));
  }

  pause(): void {
    if (this.#state === 'up') this.#state = 'paused';
  }

  /** Goes on: all that has come meanwhile comes now, one thing after another. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'up';
    for (const fn of this.#backlog.splice(0)) this.#scheduler.after(0, () => this.reach(fn));
  }

  kill(): void {
    this.#state = 'dead';
    this.#backlog = [];
  }

  /** A name that was never given before, in any process. */
  newId(): string {
    return `${this.name}-${this.#ids++}`;
  }
}
