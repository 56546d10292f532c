// What workflow code means, said a second time and without the engine: a run that is told its recorded events one by one, and holds every command against them.
import type { RunEvent } from '../../../src/protocol/events.ts';
import { agree } from './agree.ts';

/** An error as workflow code meets it. */
export class ReferenceError extends Error {
  readonly code: string;
  /** Number of the event that it tells of. */
  readonly told: number | undefined;

  constructor(code: string, told?: number) {
    super(code);
    this.code = code;
    this.told = told;
  }
}

/** Who waits for the end of a job, timer or child. */
export interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A wait that the code is in. */
export interface Wait {
  readonly number: number;
  readonly settle: Settle;
}

/** A command as the code asks for it: what of it can be known without the engine. */
export type Wanted = { readonly type: RunEvent['type']; readonly cause?: number; readonly [field: string]: unknown };

const readJson = (payload: object | undefined): unknown => (payload && 'json' in payload ? payload.json : undefined);

/** One beginning of a run, as its history tells it. */
export class ReferenceRun {
  readonly run: string;
  readonly #recorded: ReadonlyMap<number, RunEvent>;
  readonly #waits = new Set<Wait>();
  /** Sleeps, receives and waits for detached children that a cancel ends, in the order in which they began. */
  readonly interrupts = new Set<(error: Error) => void>();
  readonly unread: { readonly signal: string; readonly value: unknown }[] = [];
  readonly receivers: { readonly signal: string; readonly take: (value: unknown) => void }[] = [];
  readonly undos: (() => unknown)[] = [];
  readonly undoable = new Set<Promise<unknown>>();
  /** Run ids of children that the code gave up. */
  readonly givenUp = new Set<string>();
  /** Detached children that are open. */
  readonly detached = new Map<number, string>();
  readonly closed = new Map<number, Extract<RunEvent, { type: 'ChildClosed' }>>();
  /** What code and history disagree about. */
  readonly disagreements: string[] = [];
  readonly bindings = new Map<string, unknown>();
  emitted = 0;
  hasEnded = false;
  cancel: 'none' | 'requested' | 'thrown' = 'none';
  #throwing = false;
  #undoing = false;
  delivering: RunEvent | undefined;

  constructor(run: string, recorded: ReadonlyMap<number, RunEvent>) {
    this.run = run;
    this.#recorded = recorded;
  }

  /** Asks for something. @returns the number of the event that records it; 0 if none does */
  emit(wanted: Wanted): number {
    if (this.hasEnded) return 0;
    const command = ++this.emitted;
    const recorded = this.#recorded.get(command);
    const { cause = this.delivering?.number, ...fields } = JSON.parse(JSON.stringify(wanted)) as Wanted;
    if (!recorded) {
      this.disagreements.push(`command ${command}, ${wanted.type}, is not recorded`);
      return 0;
    }
    const differing = Object.entries({ ...fields, cause }).find(
      ([field, value]) => !agree(value, Reflect.get(recorded, field), this.bindings),
    );
    if (differing) {
      this.disagreements.push(
        `command ${command} is event ${recorded.number} ${recorded.type}, and ${differing[0]} is ${JSON.stringify(Reflect.get(recorded, differing[0]))}, not ${JSON.stringify(differing[1])} of ${wanted.type}`,
      );
    }
    return recorded.number;
  }

  hasRecorded(type: RunEvent['type'], change: string): boolean {
    return [...this.#recorded.values()].some((event) => event.type === type && 'change' in event && event.change === change);
  }

  /** Commands that the history has and the code did not ask for. */
  get missing(): readonly RunEvent[] {
    return [...this.#recorded].filter(([command]) => command > this.emitted).map(([, event]) => event);
  }

  wait(number: number, settle: Settle): Wait {
    const wait = { number, settle };
    this.#waits.add(wait);
    return wait;
  }

  /** Stops waiting. @returns whether it was still waited for */
  release(wait: Wait): boolean {
    return this.#waits.delete(wait);
  }

  /** Ends all waits for something, and answers who waited. */
  end(number: number): readonly Settle[] {
    const ended = [...this.#waits].filter((wait) => wait.number === number);
    for (const wait of ended) this.#waits.delete(wait);
    return ended.map(({ settle }) => settle);
  }

  /** The code has failed, and what it did is undone: a cancel interrupts nothing from here on. */
  beginUndoing(): void {
    this.#undoing = true;
    if (this.cancel === 'requested') this.cancel = 'thrown';
  }

  /** A cancel that was asked for is thrown once: at the next call that would wait, and at all calls beside it in the same breath. */
  meetsCancel(): boolean {
    if (this.#throwing) return true;
    if (this.cancel !== 'requested') return false;
    this.#throw();
    return true;
  }

  #throw(): void {
    this.cancel = 'thrown';
    this.#throwing = true;
    void Promise.resolve().then(() => {
      this.#throwing = false;
    });
  }

  /** The code is told of an event. */
  deliver(event: RunEvent): void {
    this.delivering = event;
    if (this.hasEnded) this.#takeNote(event);
    else this.#tell(event);
  }

  /** What comes after the code has ended is for its next beginning. */
  #takeNote(event: RunEvent): void {
    if (event.type === 'SignalReceived') this.unread.push({ signal: event.signal, value: readJson(event.value) });
    if (event.type === 'ChildClosed') this.detached.delete(event.child);
    if (event.type === 'CancelRequested') this.cancel = 'requested';
  }

  #tell(event: RunEvent): void {
    switch (event.type) {
      case 'JobSucceeded':
        return this.end(event.job).forEach(({ resolve }) => resolve(readJson(event.output)));
      case 'JobFailed':
        return this.end(event.job).forEach(({ reject }) => reject(new ReferenceError('JOB_FAILED', event.number)));
      case 'JobCanceled':
        return this.end(event.job).forEach((settle) => this.#rejectCanceled(settle));
      case 'TimerFired':
        return this.end(event.timer).forEach(({ resolve }) => resolve(undefined));
      case 'ChildClosed':
        this.detached.delete(event.child);
        this.closed.set(event.child, event);
        return this.end(event.child).forEach((settle) => this.tellClosed(event, settle));
      case 'SignalReceived':
        return this.putSignal(event.signal, readJson(event.value));
      case 'CancelRequested':
        return this.#requestCancel();
      default:
    }
  }

  /** What was canceled with the run throws the run's cancel, if nothing did before. */
  #rejectCanceled({ reject }: Settle): void {
    const first = this.cancel === 'requested';
    if (first) this.#throw();
    reject(new ReferenceError(first ? 'RUN_CANCELED' : 'JOB_CANCELED'));
  }

  /** Tells who waits for a child how it ended. */
  tellClosed(event: Extract<RunEvent, { type: 'ChildClosed' }>, settle: Settle): void {
    if (event.outcome === 'completed') settle.resolve(readJson(event.output));
    else if (event.outcome === 'canceled' && this.cancel === 'requested') this.#rejectCanceled(settle);
    else settle.reject(new ReferenceError(event.failure?.code ?? 'RUN_FAILED', event.number));
  }

  /** A signal goes to who has waited longest, or stays unread. */
  putSignal(signal: string, value: unknown): void {
    const at = this.receivers.findIndex((receiver) => receiver.signal === signal);
    const [receiver] = at < 0 ? [] : this.receivers.splice(at, 1);
    if (receiver) receiver.take(value);
    else this.unread.push({ signal, value });
  }

  #requestCancel(): void {
    this.cancel = this.#undoing ? 'thrown' : 'requested';
    if (this.#undoing || this.interrupts.size === 0) return;
    this.#throw();
    for (const interrupt of this.interrupts) interrupt(new ReferenceError('RUN_CANCELED'));
  }
}
