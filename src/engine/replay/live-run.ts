// Workflow code of one run in memory, suspended at its awaits: what it waits for, and how each event reaches it.
import type { DecisionInput } from '../../protocol/functions.ts';
import type { EventOf, RunEvent } from '../../protocol/events.ts';
import { ChildFailedError, JobCanceledError, JobFailedError, RunCanceledError } from '../../sdk/errors.ts';
import type { SandboxRun } from '../sandbox/sandbox-host.ts';
import { CommandLog, Disagreement, type CommandDraft } from './command-log.ts';
import { readPayload, writePayload } from './failures.ts';
import { createRandomness, type Randomness } from './randomness.ts';
import { SignalBox } from './signal-box.ts';

/** Who waits for the end of a job, timer or child. */
export interface Waiter {
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** Names what is waited for, in errors. */
  readonly ownName: string;
}

/** A wait that the code is in. */
export interface Wait {
  /** Event number of what is waited for; 0 until its command has one. */
  number: number;
  readonly waiter: Waiter;
  open: boolean;
}

/** A sleep or receive that a cancel of the run ends. */
export type Interruptible = (error: Error) => void;

/** An error's causes are followed this far: they may go in circles. */
const CAUSE_LINKS = 16;

/** How a run begins: given the live run, starts its code. */
export type Begin = (live: LiveRun, event: EventOf<'RunStarted' | 'RunContinued'>) => void;

/** Workflow code of one run in memory. */
export class LiveRun implements SandboxRun {
  readonly runId: string;
  readonly app: string;
  readonly workflow: string;
  readonly log = new CommandLog();
  readonly signals = new SignalBox();
  /** The waits of the code, by the event number of what is waited for. */
  readonly #waits = new Map<number, Set<Wait>>();
  #unnumbered: { readonly run: string; readonly wait: Wait }[] = [];
  /** Event numbers of all jobs, timers and children that the code asked for. */
  readonly #known = new Set<number>();
  /** Waits that a cancel of the run ends at once: sleeps, receives, detached children (rule 15). */
  readonly interruptibles = new Set<Interruptible>();
  /** Detached children that are open: event number -> run id. */
  readonly detached = new Map<number, string>();
  readonly closedChildren = new Map<number, EventOf<'ChildClosed'>>();
  /** Run ids of children that the code has given up. */
  readonly givenUp = new Set<string>();
  readonly undos: (() => unknown)[] = [];
  /** What is under way and will have to be undone should the run fail meanwhile. */
  readonly #undoable = new Set<Promise<unknown>>();
  /** Numbers of the events that errors tell of, which code may throw on much later. */
  readonly #told = new WeakMap<object, number>();
  readonly #begin: Begin;
  #randomness: Randomness;
  #pending: RunEvent[] = [];
  #delivering: RunEvent | undefined;
  #decidedUpTo = 0;
  cancel: 'none' | 'requested' | 'thrown' = 'none';
  cancelReason = '';
  #throwingCancel = false;
  /** The code has failed or was canceled, and what it did is being undone. */
  #undoing = false;
  closed = false;
  #continuation: CommandDraft | undefined;
  /** What the code did that cannot be: ends the decision. */
  disagreement: Error | undefined;
  /** Event that began the run: RunStarted, or the last RunContinued. */
  startNumber = 0;

  constructor(input: DecisionInput, begin: Begin) {
    this.runId = input.run;
    this.app = input.app;
    this.workflow = input.workflow;
    this.#begin = begin;
    this.#randomness = createRandomness(input.run);
  }

  /** Takes up the events of a decision. @returns how many are to be delivered */
  takeUp(input: DecisionInput): number {
    const withdrawn = new Set(input.events.flatMap((event) => (event.type === 'RunRetried' ? event.withdrawn : [])));
    this.#decidedUpTo = input.decidedUpTo;
    this.#pending = [];
    for (const event of input.events) {
      if (withdrawn.has(event.number)) continue;
      if ('command' in event && event.command !== undefined && event.type !== 'RunContinued') this.log.record(event);
      else this.#pending.push(event);
    }
    this.log.begin(input.nextNumber);
    return this.#pending.length;
  }

  now(): number {
    return this.#delivering?.at ?? 0;
  }

  random(): number {
    return this.#randomness.next();
  }

  uuid(): string {
    return this.#randomness.uuid();
  }

  /** Whether the code is being asked about what it was asked about before. */
  get isReplaying(): boolean {
    return (this.#delivering?.number ?? 0) <= this.#decidedUpTo;
  }

  get cause(): number {
    return this.#delivering?.number ?? 1;
  }

  /** Number of the event that an error, or what caused it, tells of; of the one being delivered where it is the code's own (rule 14). */
  findCause(error: unknown): number {
    let told = error;
    for (let links = 0; links < CAUSE_LINKS && typeof told === 'object' && told !== null; links++) {
      const number = this.#told.get(told);
      if (number !== undefined) return number;
      told = Reflect.get(told, 'cause');
    }
    return this.cause;
  }

  /** Emits a command; a disagreement stops the run here and is reported at the end of the decision. */
  emit(draft: CommandDraft, onNumber?: (number: number) => void): void {
    if (this.closed || this.disagreement) return;
    try {
      this.log.emit(draft, this.cause, onNumber);
    } catch (error) {
      if (!(error instanceof Disagreement)) throw error;
      this.disagreement = error;
    }
  }

  /** Ends this beginning of the run; what else comes with this decision is carried over (rule 16). */
  continueWith(draft: CommandDraft): void {
    this.#continuation = { ...draft, cause: this.cause };
    this.closed = true;
  }

  /** Ends the decision. @throws Disagreement when the history has commands that the code did not ask for */
  end(): ReturnType<CommandLog['end']> {
    // With commands left over it comes with the next decision, after those.
    if (this.#continuation && !this.log.overflows) {
      const signals = this.signals.unread.map(({ signal, value }) => ({ signal, value: writePayload(value, 'A signal') }));
      const children = [...this.detached].map(([child, run]) => ({ child, run }));
      this.log.emit({ ...this.#continuation, signals, cancel: this.cancel === 'requested', children }, this.cause);
    }
    return this.log.end();
  }

  /** Emits a command and waits for what it asks for. */
  await(draft: CommandDraft, waiter: Waiter): Wait {
    const wait: Wait = { number: 0, waiter, open: true };
    this.emit(draft, (number) => {
      this.#known.add(number);
      wait.number = number;
      if (wait.open) this.#join(wait);
    });
    return wait;
  }

  /** Waits for a detached child; one whose command has no number yet is waited for once it has. */
  awaitDetached(child: number, run: string, waiter: Waiter): Wait {
    const wait: Wait = { number: child, waiter, open: true };
    if (child > 0) this.#join(wait);
    else this.#unnumbered.push({ run, wait });
    return wait;
  }

  #join(wait: Wait): void {
    const waits = this.#waits.get(wait.number);
    if (waits) waits.add(wait);
    else this.#waits.set(wait.number, new Set([wait]));
  }

  /** Takes up a detached child, of this beginning or an earlier one. */
  adopt(child: number, run: string): void {
    this.#known.add(child);
    if (!this.givenUp.has(run)) this.detached.set(child, run);
    for (const { wait } of this.#unnumbered.filter((waiting) => waiting.run === run && waiting.wait.open)) {
      wait.number = child;
      this.#join(wait);
    }
    this.#unnumbered = this.#unnumbered.filter((waiting) => waiting.run !== run);
  }

  /** Stops waiting; what comes of it is ignored from now on. @returns whether it was still waited for */
  release(wait: Wait): boolean {
    if (!wait.open) return false;
    wait.open = false;
    this.#waits.get(wait.number)?.delete(wait);
    return true;
  }

  /** Ends all waits for something that the code has given up. */
  rejectAll(number: number, error: Error): void {
    for (const wait of this.#waits.get(number) ?? []) if (this.release(wait)) wait.waiter.reject(error);
  }

  /** Takes note of work that has to be undone, should the run fail while it is under way. */
  keepUndoable(task: Promise<unknown>): void {
    const forget = (): void => void this.#undoable.delete(task);
    this.#undoable.add(task);
    task.then(forget, forget);
  }

  /** Begins to undo: from here on a cancel interrupts nothing. Resolves when nothing is under way any more that has to be undone. */
  async beginUndoing(): Promise<void> {
    this.#undoing = true;
    if (this.cancel === 'requested') this.cancel = 'thrown';
    await Promise.allSettled(this.#undoable);
  }

  /** Whether a call that would wait must throw the cancel instead, once (and all calls beside it in the same breath). */
  meetsCancel(): boolean {
    if (this.#throwingCancel) return true;
    if (this.cancel !== 'requested') return false;
    this.#throwCancel();
    return true;
  }

  #throwCancel(): void {
    this.cancel = 'thrown';
    this.#throwingCancel = true;
    void Promise.resolve().then(() => {
      this.#throwingCancel = false;
    });
  }

  /** Delivers the next event of the decision. */
  deliverNext(): void {
    const event = this.#pending.shift();
    if (!event || this.disagreement) return;
    this.#delivering = event;
    if (this.closed) this.#takeNote(event);
    else this.#deliver(event);
  }

  /** What comes after the code has ended is for its next beginning, if it has one. */
  #takeNote(event: RunEvent): void {
    if (event.type === 'SignalReceived') this.signals.keep(event.signal, readPayload(event.value));
    if (event.type === 'ChildClosed') this.detached.delete(event.child);
    if (event.type === 'CancelRequested') this.cancel = 'requested';
  }

  #deliver(event: RunEvent): void {
    switch (event.type) {
      case 'RunStarted':
      case 'RunContinued':
        this.startNumber = event.number;
        this.#randomness = createRandomness(`${this.runId}/${event.number}`);
        this.#begin(this, event);
        return;
      case 'JobSucceeded':
        this.#settle(event.job, (waiter) => waiter.resolve(readPayload(event.output)));
        return;
      case 'JobFailed':
        this.#settle(event.job, (waiter) => waiter.reject(this.#tell(new JobFailedError(waiter.ownName, event.failure), event)));
        return;
      case 'JobCanceled':
        this.#settle(event.job, (waiter) =>
          waiter.reject(this.#explainCancel(`The job "${waiter.ownName}" was canceled: ${event.reason}.`)),
        );
        return;
      case 'TimerFired':
        this.#settle(event.timer, (waiter) => waiter.resolve(undefined));
        return;
      case 'ChildClosed':
        this.#closeChild(event);
        return;
      case 'SignalReceived':
        this.signals.put(event.signal, readPayload(event.value));
        return;
      case 'CancelRequested':
        this.#requestCancel(event);
        return;
      default:
    }
  }

  #tell(error: Error, { number }: RunEvent): Error {
    this.#told.set(error, number);
    return error;
  }

  #settle(number: number, settle: (waiter: Waiter) => void): void {
    if (!this.#known.has(number)) {
      this.disagreement ??= new Disagreement(`Event ${this.cause} answers event ${number}, which the code has not asked for.`);
      return;
    }
    const waits = this.#waits.get(number);
    this.#waits.delete(number);
    for (const wait of waits ?? []) {
      wait.open = false;
      settle(wait.waiter);
    }
  }

  #explainCancel(message: string): Error {
    if (this.cancel !== 'requested') return new JobCanceledError(message);
    this.#throwCancel();
    return new RunCanceledError(`The run was canceled: ${this.cancelReason}`);
  }

  #closeChild(event: EventOf<'ChildClosed'>): void {
    this.detached.delete(event.child);
    this.closedChildren.set(event.child, event);
    this.#settle(event.child, (waiter) => this.settleChild(event, waiter));
  }

  /** Tells who waits for a child how it ended. */
  settleChild(event: EventOf<'ChildClosed'>, waiter: Waiter): void {
    if (event.outcome === 'completed') waiter.resolve(event.output && readPayload(event.output));
    else if (event.outcome === 'canceled' && this.cancel === 'requested') waiter.reject(this.#explainCancel(''));
    else waiter.reject(this.#tell(new ChildFailedError(waiter.ownName, event.outcome, event.failure), event));
  }

  #requestCancel(event: EventOf<'CancelRequested'>): void {
    this.cancel = this.#undoing ? 'thrown' : 'requested';
    this.cancelReason = event.reason;
    if (this.#undoing || this.interruptibles.size === 0) return;
    this.#throwCancel();
    const error = new RunCanceledError(`The run was canceled: ${event.reason}`);
    for (const interrupt of this.interruptibles) interrupt(error);
  }
}
